"""What `python -m proctor` does: its options, and analysing one recording from files to flags."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from proctor import annotate, film, picture
from proctor.accommodation import Profile
from proctor.audio.listener import SoundAnalyser, SoundModels
from proctor.audio.window import has_sound, windows_of
from proctor.capabilities import capabilities
from proctor.errors import BadSource, BadTarget, ModelMissing, TargetInUse
from proctor.progress import Progress
from proctor.recording import Frame, Recorded, events_of, files_of, frames_of
from proctor.report import Report, table
from proctor.rules import OPTIONAL, RULES
from proctor.signal import ordered
from proctor.timeline import judge
from proctor.vision.analyser import FrameAnalyser, Models

AGREED = [field.name for field in fields(Profile)]
CUT_OFF_S = 2.0
LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # of a beginning: no moment of a recording may lie outside what a date can be


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m proctor", description="Proctoring signals of a recording, explained.")
    commands = top.add_subparsers(dest="command", required=True)
    command = commands.add_parser("analyse", help="analyse a video or a folder of JPEG files")
    command.add_argument("source", type=Path, metavar="VIDEO|FOLDER")
    command.add_argument("--reference", type=Path, metavar="PHOTO", help="JPEG photo of the person who should be there")
    command.add_argument("--audio", type=Path, metavar="WAV", help="the sound (default: the video's own sound track)")
    command.add_argument("--no-audio", action="store_true", help="do not listen to the video's sound track")
    command.add_argument("--events", type=Path, metavar="JSONL", help="browser events, one JSON object a line")
    command.add_argument("--start", type=_time, help="time of the first frame (default: the first event's, or now)")
    command.add_argument("--rate", type=float, default=1.0, help="frames a second to analyse (default 1)")
    command.add_argument("--agreed", type=_profile, default=Profile(), help=f"accommodations, of {','.join(AGREED)}")
    optional = ", ".join(rule.name for rule in OPTIONAL)
    command.add_argument(
        "--optional", action="store_true", help=f"also apply the rules that are off by default ({optional})"
    )
    command.add_argument("--json", action="store_true", help="print signals, flags and what is off as JSON")
    command.add_argument("--picture", type=Path, metavar="OUT.svg", help="write the timeline as a picture")
    command.add_argument("--annotate", type=Path, metavar="OUT.mp4", help="write a video with what was seen drawn in")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    about = commands.add_parser("capabilities", help="what can be seen and heard here, and what is off and why")
    about.add_argument("--json", action="store_true", help="print it as JSON")
    for each in (command, about):
        each.add_argument(
            "--models", type=Path, default=Path(".cache/models"), help="folder of model files (default .cache/models)"
        )
    return top


def run(arguments: Sequence[str] | None, now: datetime) -> int:
    """The exit code. `now` is when a recording began that says nothing about it. Raises `ProctorError` or `OSError` for what cannot be used."""
    options = parser().parse_args(arguments)
    if options.command == "analyse":
        return _analyse(options, now)
    known = capabilities(options.models)
    print(json.dumps([vars(each) for each in known], indent=1) if options.json else table(known))
    return 0


def _analyse(options: argparse.Namespace, now: datetime) -> int:
    _check_targets(options)
    events = events_of(options.events) if options.events else []
    start = options.start or min((event.at for event in events), default=now)
    if start > LATEST:
        raise BadSource(f"It begins in the year {start.year}.")
    recorded = Recorded(signals=[event.signal() for event in events])
    began = time.perf_counter()
    models = Models.under(options.models)
    frames = frames_of(options.source, start, options.rate)
    _listen(options, recorded, start)  # the cheaper part first: a sound that cannot be read is known at once
    _look(options, recorded, models, frames, start)
    recorded.signals = ordered(recorded.signals)
    report = Report(
        start=start,
        seconds=time.perf_counter() - began,
        recorded=recorded,
        judged=judge(recorded.signals, (*RULES, *OPTIONAL) if options.optional else RULES, options.agreed),
        profile=options.agreed,
        capabilities=capabilities(options.models),
        incomplete=_cut_off(options.source, recorded, start),
    )
    if options.picture:
        options.picture.write_text(picture.svg(recorded.signals, report.judged.flags, alone=True), "utf-8")
    if options.annotate:
        progress = _progress(options, "drawing", start)
        annotate.write(options.annotate, options.source, options.rate, report, progress, _sound(options))
        progress.done()
    print(json.dumps(report.plain(), indent=1) if options.json else report.text())
    if report.incomplete:
        print(report.incomplete, file=sys.stderr)
    return 2 if report.incomplete else 0


def _check_targets(options: argparse.Namespace) -> None:
    """Before anything is looked at. Raises `BadTarget`, `TargetInUse`."""
    given = [path for path in (options.source, options.reference, options.audio, options.events) if path is not None]
    if options.source.is_dir():
        given += files_of(options.source)
    taken = {path.resolve() for path in given}
    for target in (options.picture, options.annotate):
        if target is None:
            continue
        if not target.absolute().parent.is_dir() or target.is_dir():
            raise BadTarget(str(target))
        if target.resolve() in taken:
            raise TargetInUse(str(target))
        taken.add(target.resolve())


def _look(
    options: argparse.Namespace, recorded: Recorded, models: Models, frames: Iterator[Frame], start: datetime
) -> None:
    progress = _progress(options, "pictures", start)
    with FrameAnalyser(models) as analyser:
        reference = analyser.reference(options.reference.read_bytes()) if options.reference else None
        recorded.look(frames, analyser, reference, progress)
    progress.done()


def _sound(options: argparse.Namespace) -> Path | None:
    """The given sound, or the video's own, or none."""
    if options.audio is not None:
        return Path(options.audio)
    own = not options.no_audio and options.source.is_file() and has_sound(options.source)
    return Path(options.source) if own else None


def _listen(options: argparse.Namespace, recorded: Recorded, start: datetime) -> None:
    """Without a model of speech only a sound that was given is a reason to stop."""
    path = _sound(options)
    if path is None:
        return
    try:
        analyser = SoundAnalyser(SoundModels.under(options.models))
    except ModelMissing:
        if options.audio:
            raise
        return
    progress = _progress(options, "sound", start)
    recorded.listen(windows_of(path, start), analyser, progress)
    progress.done()


def _progress(options: argparse.Namespace, what: str, start: datetime) -> Progress:
    total = len(files_of(options.source)) / options.rate if options.source.is_dir() else film.length_of(options.source)
    return Progress(what, start, total, None if options.quiet else sys.stderr)


def _cut_off(source: Path, recorded: Recorded, start: datetime) -> str:
    """A sentence when a video ends long before it says it does."""
    said = None if source.is_dir() else film.length_of(source)
    frames = [signal.at for signal in recorded.signals if signal.is_frame]
    seen = (max(frames, default=start) - start).total_seconds()
    if said is None or said - seen <= max(CUT_OFF_S, 0.1 * said):
        return ""
    return f"The video was cut off: it says that it lasts {said:.0f} s, and pictures end after {seen:.0f} s."


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2027-03-01T10:00:00+00:00") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _profile(text: str) -> Profile:
    named = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(named) - set(AGREED))
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: known are {', '.join(AGREED)}")
    return Profile(**dict.fromkeys(named, True))
