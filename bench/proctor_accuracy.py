"""How right the proctoring signals are: `python -m bench proctor_accuracy [PART…]`, or `python -m bench.proctor_accuracy`.

Labelled photographs and recorded speech (INVIGIL_DATA) and our scripted compositions stand in tables of their own. Exit 1
where a target is missed; what cannot be measured here says why. Each part is kept as soon as it is measured: the same command
goes on where a run broke off, and measures again what the code no longer is.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench import photographs, replays, speech
from bench.facts import machine
from bench.kept import Kept, state
from bench.played import Played, Tools, play
from bench.scoring import Events, Rate, Share, Span, Target, largest_gap, match, missed, verdict
from loadtests.compositions import incidents, sounds
from loadtests.compositions.people import Cast, data_folder
from loadtests.compositions.script import Script
from loadtests.compositions.view import View, paint
from proctor.errors import ModelMissing
from proctor.rules import RULES
from proctor.vision.decode import Pixels
from proctor.vision.things import ThingFinder

NO_DATA = "INVIGIL_DATA does not name the labelled data"
FROZEN = {"frozen_picture", "repeated_picture"}
REPEATS = {"repeated_picture"}
FILMED = {"filmed_picture", "picture_filmed"}
BRIEF = 8.0  # seconds: shorter absences are nobody's business
PHONES = ("phone_seen",)


@dataclass
class Report:
    """Tables so far, and what was asked for."""

    targets: list[Target] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def target(self, name: str, wanted: str, measured: object, reached: bool | None, why: str = "") -> None:
        self.targets.append(Target(name, wanted, str(measured), reached, why))

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        lines = [f"#### {title}", "", f"| {' | '.join(head)} |", "|---|" + "---|" * (len(head) - 1)]
        self.parts.append("\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]))

    def plain(self) -> dict[str, Any]:
        """JSON values, for keeping; `add` takes them back."""
        return {"targets": [asdict(each) for each in self.targets], "parts": self.parts}

    def add(self, plain: dict[str, Any]) -> None:
        self.targets += [Target(**each) for each in plain["targets"]]
        self.parts += plain["parts"]

    def progress(self, text: str) -> None:
        progress(text)


def progress(text: str) -> None:
    """To stderr: stdout is the report."""
    print(f"  {time.strftime('%H:%M:%S')} {text} …", file=sys.stderr, flush=True)


def of_photographs(report: Report, tools: Tools, data: Path | None, models: Path) -> None:
    """What labelled photographs say."""
    names = ("group faces", "false faces", "identity", "head pose", "brightness ×0.10", "light and skin, photographs")
    if data is None:
        for name in names:
            report.target(name, "see below", "–", None, NO_DATA)
        return
    report.progress("photographs")
    groups, nobody = photographs.groups(tools.eyes, data), photographs.nobody(tools.eyes, data)
    report.target("group faces", "all", groups.faces, groups.faces.hits == groups.faces.of)
    report.target("false faces in images without a person", "≤ .08", nobody, nobody.value <= 0.08)
    pairs, poses = photographs.pairs(tools.eyes, data), photographs.poses(tools.eyes, data)
    report.target("identity: wrong pairs at one threshold", "0", pairs.errors, pairs.errors.hits == 0)
    if poses.read.hits:
        said = f"{poses.mean:.1f}° (pitch {poses.pitch:.1f}, yaw {poses.yaw:.1f}, roll {poses.roll:.1f}; {poses.read} read)"
        report.target("head pose, mean error for |yaw| ≤ 60°", "≤ 5.0°", said, poses.mean <= 5.0)
    else:
        report.target("head pose, mean error for |yaw| ≤ 60°", "≤ 5.0°", "–", None, "no head pose is read")
    light = photographs.in_poor_light(tools.eyes, data)
    report.target("brightness ×0.10", "≥ .98", light.by_light[0.1], light.by_light[0.1].value >= 0.98)
    _bins(report, "photographs", light)
    rows: list[tuple[object, ...]] = [
        ("faces in 6 group photographs", groups.faces, Share(groups.faces.hits, groups.faces.hits + groups.extra)),
        ("a face where nobody is (65 COCO images)", "–", f"false in {nobody}"),
        (
            f"identity, {len(pairs.same)} same and {len(pairs.other)} different pairs",
            Share(sum(each < pairs.below for each in pairs.same), len(pairs.same)),
            f"largest distance of one person {max(pairs.same):.3f}, smallest of two {min(pairs.other):.3f}, bar {pairs.below}",
        ),
    ]
    try:
        found = photographs.things(ThingFinder(models / "yolox" / "yolox_nano.onnx"), data)
    except ModelMissing as error:
        rows.append(("phones, screens, books", "off", str(error)))
    else:
        for name, share in sorted(found.all.items()):
            large, false = found.large.get(name, Share(0, 0)), found.false[name]
            what = f"{name.replace('_', ' ')} (COCO images)"
            rows.append((what, f"{share} of all, {large} of those ≥ 2 % of the picture", f"false in {false}"))
    report.table("Labelled photographs", ("what", "recall", "precision, or what is wrong"), rows)


def _bins(report: Report, where: str, light: photographs.Light) -> None:
    """Gaps between pooled bins: by skin, by light; the joint bins are printed, they are too small to be compared one by one."""
    skins = sorted({skin for skin, _ in light.by_bin})
    by_skin = [sum((light.by_bin[skin, each] for each in light.by_light), Share(0, 0)) for skin in skins]
    gap = max(largest_gap(by_skin), largest_gap(list(light.by_light.values())))
    report.target(
        f"largest gap between skin-luma or light bins, {where}", "≤ 2 points", f"{gap:.1f} points", gap <= 2.0
    )
    head = ("skin", *(f"light ×{each}" for each in light.by_light), "all")
    rows = [
        (skin, *(f"{light.by_bin[skin, each].hits}/{light.by_bin[skin, each].of}" for each in light.by_light), pooled)
        for skin, pooled in zip(skins, by_skin, strict=True)
    ]
    rows.append(("all", *(str(share) for share in light.by_light.values()), sum(by_skin, Share(0, 0))))
    report.table(f"Found exactly once, by the skin's luma (thirds) and the light: {where}", head, rows)


def of_speech(report: Report, tools: Tools, few: bool) -> None:
    """Recorded voices beside other sounds; sounds that are no voice."""
    if tools.ears is None:
        report.target("speech, segments", "≥ .9", "–", None, "the model silero_vad is absent")
        return
    report.progress("sounds")
    noises = speech.noises(tools.ears, 120 if few else 1200)
    clicks = noises["clicks"]
    report.target("speech claimed on keyboard clicks", "0", clicks, clicks.count == 0)
    report.table("Sounds that are no speech (synthetic)", ("sound", "claims of speech"), list(noises.items()))
    if tools.cast.data is None:
        report.target("speech, segments of 1 s", "≥ .9", "–", None, NO_DATA)
        return
    rows, everything = [], Share(0, 0)
    for room in speech.ROOMS:
        for voice in sounds.FILES:
            heard = speech.recorded(tools.ears, tools.cast, voice, room)
            everything += heard.spoken
            row = (voice, room, heard.spoken, heard.silent, heard.events.recall, heard.events.precision)
            rows.append(row)
    report.target("speech, segments of 1 s", "≥ .9", everything, everything.value >= 0.9)
    head = (
        "voice",
        "beside",
        "spoken segments found",
        "silent segments claimed",
        "utterances found",
        "spans that are speech",
    )
    report.table("Recorded voices (real; what is beside them is synthetic)", head, rows)


Scripts = Callable[[Cast, int], Iterator[Script]]
# What happens in the scripts, and the rules whose flags say so.
INCIDENTS: dict[str, tuple[Scripts, tuple[str, ...]]] = {
    "absence": (incidents.absences, ("absence",)),
    "second_person": (incidents.second_people, ("several_faces",)),
    "other_person": (incidents.substitutes, ("other_person",)),
    "phone": (incidents.phones, PHONES),
}


def incident(tools: Tools, what: str, few: bool) -> dict[str, Any]:
    """One incident many times: its events, and how many scripts."""
    make, rules = INCIDENTS[what]
    count, events = 5 if few else 25, Events()
    for number, script in enumerate(make(tools.cast, count), start=1):
        progress(f"{what.replace('_', ' ')}: script {number} of {count}")
        events += _scored(play(tools, script), what, rules)
    return {"events": asdict(events), "played": count}


def clean_work(tools: Tools, few: bool) -> dict[str, Any]:
    """Flags of every rule in honest work, and how many seconds of it were watched."""
    seconds, counts = 300 if few else 3600, dict.fromkeys((rule.name for rule in RULES), 0)
    for number, script in enumerate(incidents.clean(tools.cast, seconds), start=1):
        progress(f"clean work: piece {number} of {-(-seconds // 300)}")
        for flag in play(tools, script).flags:
            counts[flag.rule] += 1
    return {"counts": counts, "seconds": seconds}


def of_scripts(report: Report, found: dict[str, dict[str, Any]], looks: bool) -> None:
    """What the incidents and the clean work say together: a flag in clean work is false."""
    clean = found.get("clean", {"counts": {}, "seconds": 0})
    hours = clean["seconds"] / 3600
    events = {
        what: Events(**found[what]["events"])
        + Events(false=sum(clean["counts"].get(rule, 0) for rule in rules), clean_hours=hours)
        for what, (_, rules) in INCIDENTS.items()
        if what in found
    }
    head = (
        "signal",
        "scripts",
        "recall of events",
        "precision of flags",
        "F1",
        "false flags an hour",
        "latest flag after",
    )
    rows = [
        (
            what.replace("_", " "),
            found[what]["played"],
            each.recall,
            each.precision,
            f"{each.f1:.3f}",
            each.false_rate,
            f"{each.latest:.0f} s",
        )
        for what, each in events.items()
    ]
    if rows:
        report.table("Scripted compositions (synthetic: real faces in drawn rooms)", head, rows)
    for what in ("absence", "second_person"):
        if what in events:
            f1 = events[what].f1
            report.target(f"{what.replace('_', ' ')}, F1 of events (synthetic)", "≥ .99", f"{f1:.3f}", f1 >= 0.99)
    if "phone" in events:
        phone = events["phone"]
        report.target("phone ≥ 2 %, recall (synthetic)", "≥ .80", phone.recall, phone.recall.value >= 0.8)
        report.target("phone, false flags an hour (synthetic)", "≤ 1", phone.false_rate, phone.false_rate.value <= 1)
    elif not looks:
        report.target("phone ≥ 2 %, recall (synthetic)", "≥ .80", "–", None, "the model yolox is absent")
    if hours:
        said: list[tuple[object, ...]] = [
            (name, Rate(count, hours)) for name, count in clean["counts"].items() if count
        ]
        said.append(("all rules", Rate(sum(clean["counts"].values()), hours)))
        report.table("Flags in clean work (synthetic)", ("rule", "false flags an hour"), said)


def _scored(played: Played, what: str, rules: tuple[str, ...]) -> Events:
    """Bending down for a few seconds is no absence, and a flag on it is false: it stays in the clean time."""
    truth = [Span(each.start, each.end) for each in played.script.spans(what)]
    if what == "absence":
        truth = [span for span in truth if span.end - span.start >= BRIEF]
    return match(truth, played.spans(*rules), played.script.seconds)


def of_light(report: Report, tools: Tools, few: bool) -> None:
    """The sitters of the compositions from full light to a tenth."""
    report.progress("compositions from light to dark")
    skins = {}
    for name in tools.cast.sitters:
        pixels = _decoded(paint(tools.cast, View(sitter=name), 0, np.random.default_rng(1)))
        skins[name] = photographs.skin_luma(tools.eyes, pixels) or 255.0
    ordered = sorted(skins, key=lambda name: skins[name])
    light = photographs.Light()
    for name in ordered:
        place = ordered.index(name) * 3 // len(ordered)
        for level in photographs.LIGHTS:
            for n in range(3 if few else 12):
                rng = np.random.default_rng((n, round(level * 100)))
                picture = _decoded(paint(tools.cast, View(sitter=name, light=level), n, rng, room=n))
                light.note(("darker", "middle", "lighter")[place], level, len(tools.eyes.find(picture).faces) == 1)
    _bins(report, "compositions (synthetic)", light)


def _decoded(jpeg: bytes) -> Pixels:
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.asarray(decoded, np.uint8)


def of_replays(report: Report, tools: Tools, few: bool) -> None:
    """Pictures that stand still, come round again, or are filmed from a screen."""
    count = 4 if few else 20
    names = {rule.name for rule in RULES}
    rows = []
    for what, make, rules in (
        ("frozen picture", replays.frozen, FROZEN),
        ("loop of 4 to 12 s", replays.loop, REPEATS),
        ("film of a screen or a photograph", replays.screen, FILMED),
    ):
        if not rules & names:
            report.target(f"{what}, found within 10 s (synthetic)", "all", "–", None, "no rule looks for it")
            continue
        report.progress(f"{count} cases: {what}")
        found = replays.measure(tools, [make(tools, number) for number in range(count)], rules)
        late = f"{max(found.seconds):.0f} s" if found.seconds else "–"
        rows.append((what, found.soon, found.ever, late, ", ".join(sorted(found.rules))))
        report.target(f"{what}, found within 10 s (synthetic)", "all", found.soon, found.soon.hits == found.soon.of)
    if rows:
        head = ("camera shows", "found within 10 s", "found at all", "latest after", "by")
        report.table("Recordings instead of a person (synthetic)", head, rows)


@dataclass(frozen=True)
class Setting:
    """What is measured with. `few`: a fifth of everything."""

    tools: Tools
    data: Path | None
    models: Path
    few: bool

    @property
    def looks(self) -> bool:
        """Whether things are looked for at all."""
        return self.tools.eyes.models.yolox is not None


def _reported(part: Callable[[Report, Setting], None]) -> Callable[[Setting], dict[str, Any]]:
    def measured(setting: Setting) -> dict[str, Any]:
        report = Report()
        part(report, setting)
        return report.plain()

    return measured


TEXTS: dict[str, Callable[[Setting], dict[str, Any]]] = {
    "photographs": _reported(lambda report, on: of_photographs(report, on.tools, on.data, on.models)),
    "speech": _reported(lambda report, on: of_speech(report, on.tools, on.few)),
    "light": _reported(lambda report, on: of_light(report, on.tools, on.few)),
    "replays": _reported(lambda report, on: of_replays(report, on.tools, on.few)),
}
PARTS: tuple[str, ...] = (*TEXTS, *INCIDENTS, "clean")


def measured(part: str, setting: Setting) -> dict[str, Any]:
    """One of `PARTS`, as JSON values."""
    if part in TEXTS:
        return TEXTS[part](setting)
    return clean_work(setting.tools, setting.few) if part == "clean" else incident(setting.tools, part, setting.few)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench.proctor_accuracy", description=__doc__)
    top.add_argument("models", nargs="?", type=Path, default=Path(".cache/models"))
    top.add_argument("--few", action="store_true", help="a fifth of everything: to see whether it works")
    top.add_argument("--only", action="append", choices=PARTS, default=[], help="this part (again and again for more)")
    top.add_argument("--again", action="store_true", help="measure also what is kept")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and not kept yet, print all that is there; 1 where a target is missed."""
    chosen, began, report = parser().parse_args(arguments), time.monotonic(), Report()
    data = data_folder()
    try:
        setting = Setting(Tools.load(chosen.models, Cast(data)), data, chosen.models, chosen.few)
    except ModelMissing as error:
        print(f"### How right the signals are\n\nNothing can be measured: {error}")
        return 1
    kept = Kept(
        "proctor_accuracy_few" if chosen.few else "proctor_accuracy", state(chosen.few, str(data), str(chosen.models))
    )
    possible = [part for part in PARTS if part != "phone" or setting.looks]
    for part in chosen.only or possible:
        if part in possible and (chosen.again or kept.find(part) is None):
            progress(part)
            kept.keep(part, measured(part, setting))
    found = {part: each for part in possible if (each := kept.find(part)) is not None}
    for part in TEXTS:
        if part in found:
            report.add(found[part])
    of_scripts(report, found, setting.looks)
    cast = setting.tools.cast
    people = f"{len(cast.sitters)} sitters and {len(cast.helpers)} helpers in the compositions"
    print(f"### How right the signals are\n\n{machine()}; {people}{'; a small run' if chosen.few else ''}\n")
    print("In brackets: count, and the interval for 95 % (Wilson for shares, Poisson for rates).\n")
    print(verdict(report.targets), *report.parts, sep="\n\n")
    missing = [part for part in possible if part not in found]
    if missing:
        print(f"\nNot measured yet: {', '.join(missing)}.")
    print(f"\nTook {time.monotonic() - began:.0f} s, without the parts that were kept from a run before.")
    return int(missed(report.targets))


if __name__ == "__main__":
    raise SystemExit(main())
