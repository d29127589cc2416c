"""One attempt as a picture: a lane for each kind of evidence over time as SVG, with the same facts as text. No scripts.

Marks are drawn in `currentColor` and differ by shape and height as well as by class, so the page's style sheet may colour
them and nothing depends on colour. A stand-alone file brings its own colours for light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from xml.sax.saxutils import escape

from proctor.flag import Flag, plain_seconds
from proctor.signal import BROWSER, IDENTITY, QUALITY, Signal, SignalKind, ordered

WIDTH, LEFT, RIGHT, LANE, TOP = 960, 120, 940, 44, 34
BLIND = timedelta(seconds=12)  # a longer pause between frames leaves a gap in the lane
LANES = ("Faces", "Distance to photo", "Attention", "Things", "Picture", "Sound", "Browser", "Flags")
STYLE = """<style>
svg { color: #1d2433; background: #ffffff; font: 12px system-ui, sans-serif }
.absent, .other, .thing, .flag-medium { color: #a35200 } .many, .flag-high { color: #b3261e } .one, .same { color: #1f6f54 }
.poor, .noise, .silent, .flag-quality { color: #5b6577 } .browser, .speech, .turned, .flag-low { color: #2b57a7 }
@media (prefers-color-scheme: dark) {
svg { color: #e6e9f0; background: #12161f } .absent, .other, .thing, .flag-medium { color: #ffb870 }
.many, .flag-high { color: #ff9d94 } .one, .same { color: #7fd4b4 }
.poor, .noise, .silent, .flag-quality { color: #a9b2c3 } .browser, .speech, .turned, .flag-low { color: #9dbcff } }
</style>"""


@dataclass(frozen=True)
class _Shape:
    """How a kind is drawn: its class, how far down in the lane, how high (0: it only ends other bars), in which row."""

    mark: str
    down: int
    high: int
    row: int = 0


K = SignalKind
# low = one face, tall = several, a thin line below = none
FACES = {
    K.face_absent: _Shape("absent", LANE - 10, 4),
    K.face_ok: _Shape("one", LANE - 20, 14),
    K.faces_many: _Shape("many", LANE - 36, 30),
}
ATTENTION = {
    K.head_turned: _Shape("turned", 4, 9),
    K.head_forward: _Shape("turned", 0, 0),
    K.head_down: _Shape("turned", 15, 9, 1),
    K.gaze_outside: _Shape("turned", 26, 5, 2),
    K.gaze_inside: _Shape("turned", 0, 0, 2),
    K.eyes_closed: _Shape("turned", 33, 4, 3),
    K.eyes_open: _Shape("turned", 0, 0, 3),
}
THINGS = {
    K.phone: _Shape("thing", 4, 14),
    K.second_screen: _Shape("thing", 20, 8, 1),
    K.book: _Shape("thing", 30, 6, 2),
    K.things_none: _Shape("thing", 0, 0),
    K.picture_filmed: _Shape("many", 4, 30, 3),
    K.picture_repeats: _Shape("many", 4, 30, 3),
}
SOUND = {
    K.speech: _Shape("speech", 6, 20),
    K.second_voice: _Shape("other", 2, 30, 1),
    K.noise: _Shape("noise", LANE - 14, 6),
    K.microphone_silent: _Shape("silent", LANE - 9, 2),
    K.quiet: _Shape("noise", 0, 0),
    K.bad_sound: _Shape("poor", LANE - 20, 12, 2),
}


@dataclass(frozen=True)
class _Axis:
    """From time to the horizontal place in user units."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        total = max((self.end - self.start).total_seconds(), 1.0)
        part = min(1.0, max(0.0, (at - self.start).total_seconds() / total))
        return round(LEFT + part * (RIGHT - LEFT), 1)


def svg(signals: Iterable[Signal], flags: Sequence[Flag], *, ident: str = "timeline", alone: bool = False) -> str:
    """The picture of one attempt; `ident` prefixes the ids in it, `alone` adds the colours for a file of its own."""
    known = ordered(signals)
    height = TOP + LANE * len(LANES) + 26
    words = escape(describe(known, flags))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc"><title id="{ident}-title">What was seen during the attempt</title>'
        f'<desc id="{ident}-desc">{words}</desc>{STYLE if alone else ""}'
    )
    if not known:
        return f'{head}<text x="{LEFT}" y="{TOP}" fill="currentColor">Nothing was recorded.</text></svg>'
    last = max(signal.at + signal.duration if signal.duration else signal.at for signal in known)
    axis = _Axis(known[0].at, max([last, *(flag.end for flag in flags)]))
    lanes = (
        _runs(known, axis, _top(0), FACES),
        _identity(known, axis, _top(1)),
        _runs(known, axis, _top(2), ATTENTION),
        _runs(known, axis, _top(3), THINGS),
        _quality(known, axis, _top(4)),
        _runs(known, axis, _top(5), SOUND),
        _browser(known, axis, _top(6)),
        _flags(flags, axis, _top(7)),
    )
    return head + _frame(axis) + "".join(part for lane in lanes for part in lane) + "</svg>"


def describe(signals: Iterable[Signal], flags: Sequence[Flag]) -> str:
    """The picture's text alternative: counts, then each flag with time and reason."""
    known = ordered(signals)
    if not known:
        return "Nothing was recorded."
    start = known[0].at
    frames = len({signal.source for signal in known if signal.is_frame})
    counts = {kind: sum(signal.kind == kind for signal in known) for kind in SignalKind}
    said = ", ".join(f"{kind.value.replace('_', ' ')} {count}" for kind, count in counts.items() if count)
    sounds = len({signal.source for signal in known if signal.is_sound})
    heard = f" and {sounds} pieces of sound" if sounds else ""
    text = f"{plain_seconds(known[-1].at - start)}, {frames} frames{heard}. Signals: {said}."
    if not flags:
        return text + " No flags."
    lines = [f"{plain_seconds(flag.start - start)} after the start: {flag.reason}" for flag in flags]
    return f"{text} {len(flags)} flag{'s' if len(flags) > 1 else ''}: " + " ".join(lines)


def _top(lane: int) -> int:
    return TOP + lane * LANE


def _frame(axis: _Axis) -> str:
    parts = []
    for lane, name in enumerate(LANES):
        y = _top(lane) + LANE - 6
        parts.append(f'<text x="8" y="{y - 12}" fill="currentColor" font-size="12">{name}</text>')
        parts.append(f'<path d="M{LEFT} {y}H{RIGHT}" stroke="currentColor" stroke-opacity=".25"/>')
    total = axis.end - axis.start
    for step in range(5):
        at = axis.start + total * step / 4
        anchor = ("start", "middle", "middle", "middle", "end")[step]
        parts.append(
            f'<text x="{axis.x(at)}" y="{TOP + LANE * len(LANES) + 16}" text-anchor="{anchor}" fill="currentColor" '
            f'font-size="11">{plain_seconds(timedelta(seconds=round(total.total_seconds() * step / 4)))}</text>'
        )
    return "".join(parts)


def _bar(mark: str, x: float, to: float, y: float, height: float, title: str) -> str:
    wide = max(2.0, round(to - x, 1))
    return (
        f'<rect class="{mark}" x="{x}" y="{y}" width="{wide}" height="{height}" rx="1" fill="currentColor">'
        f"<title>{escape(title)}</title></rect>"
    )


def _runs(known: Sequence[Signal], axis: _Axis, top: int, shapes: Mapping[SignalKind, _Shape]) -> list[str]:
    """One bar for each run of one kind; a pause longer than `BLIND`, or another kind of the lane's row, ends it."""
    runs: dict[int, list[list[Signal]]] = {}
    for signal in (signal for signal in known if signal.kind in shapes):
        row = runs.setdefault(shapes[signal.kind].row, [])
        if row and row[-1][-1].kind == signal.kind and signal.at - _end(row[-1][-1]) <= BLIND:
            row[-1].append(signal)
        else:
            row.append([signal])
    bars = []
    for run in (run for row in runs.values() for run in row):
        shape = shapes[run[0].kind]
        if shape.high == 0:
            continue
        what = "pieces of sound" if run[0].is_sound else "frames"
        title = f"{run[0].kind.value.replace('_', ' ')}: {len(run)} {what} from {plain_seconds(run[0].at - axis.start)}"
        bars.append(_bar(shape.mark, axis.x(run[0].at), axis.x(_end(run[-1])), top + shape.down, shape.high, title))
    return bars


def _end(signal: Signal) -> datetime:
    return signal.at + (signal.duration or timedelta(0))


def _identity(known: Sequence[Signal], axis: _Axis, top: int) -> list[str]:
    """Distance upwards, 0 to 1; a filled dot matched, a ring did not. One dot for each unit of width, the farthest."""
    farthest: dict[int, Signal] = {}
    for signal in known:
        if signal.kind in IDENTITY:
            place = int(axis.x(signal.at))
            if place not in farthest or signal.value > farthest[place].value:
                farthest[place] = signal
    dots = []
    for signal in farthest.values():
        y = round(top + LANE - 8 - min(1.0, signal.value) * (LANE - 14), 1)
        same = signal.kind == SignalKind.face_same
        look = 'fill="currentColor"' if same else 'fill="none" stroke="currentColor" stroke-width="1.5"'
        title = f"distance {signal.value:.2f} at {plain_seconds(signal.at - axis.start)}"
        dots.append(
            f'<circle class="{"same" if same else "other"}" cx="{axis.x(signal.at)}" cy="{y}" r="2.5" {look}><title>{title}</title></circle>'
        )
    return dots


def _quality(known: Sequence[Signal], axis: _Axis, top: int) -> list[str]:
    poor = [signal for signal in known if signal.kind in QUALITY and signal.kind != SignalKind.bad_sound]
    bars = []
    for place, run in groupby(poor, key=lambda signal: int(axis.x(signal.at))):
        part = list(run)
        kinds = ", ".join(sorted({signal.kind.value.replace("_", " ") for signal in part}))
        end = max(axis.x(signal.at + signal.duration) if signal.duration else float(place) for signal in part)
        bars.append(_bar("poor", place, end, top + LANE - 18, 12, kinds))
    return bars


def _browser(known: Sequence[Signal], axis: _Axis, top: int) -> list[str]:
    marks = []
    for signal in known:
        if signal.kind in BROWSER:
            end = axis.x(signal.at + signal.duration) if signal.duration else axis.x(signal.at)
            title = f"{signal.kind.value.replace('_', ' ')} at {plain_seconds(signal.at - axis.start)}"
            marks.append(_bar("browser", axis.x(signal.at), end, top + LANE - 26, 20, title))
    return marks


def _flags(flags: Sequence[Flag], axis: _Axis, top: int) -> list[str]:
    """Bars in up to three rows, so that flags at the same time stay apart."""
    rows = [0.0, 0.0, 0.0]
    bars = []
    for flag in sorted(flags, key=lambda flag: (flag.start, flag.end, flag.rule)):
        x, to = axis.x(flag.start), axis.x(flag.end)
        row = next((index for index, free in enumerate(rows) if free <= x), 0)
        rows[row] = max(to, x + 2) + 1
        bars.append(
            _bar(
                f"flag-{flag.severity.value}",
                x,
                to,
                top + LANE - 16 - row * 11,
                9,
                f"{flag.rule.replace('_', ' ')}: {flag.reason}",
            )
        )
    return bars
