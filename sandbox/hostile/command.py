"""`python -m sandbox selftest`: the hostile suite against the live engine, as a table and as a JSON report."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sandbox import writing
from sandbox.engines.docker import DockerEngine
from sandbox.errors import ImageMissing
from sandbox.hostile import crowd
from sandbox.hostile.attack import HELD, THROUGH, Finding, campaign
from sandbox.hostile.host import Host
from sandbox.hostile.probe import Probe
from sandbox.hostile.report import HEAD, ReportNotProven, document, public_key, row, signed, summary, verify
from sandbox.hostile.table import PROBES
from sandbox.job import EngineInfo
from sandbox.languages import LANGUAGES


def add_arguments(command: argparse.ArgumentParser, now: datetime) -> None:
    """The command's own words for the command line; `now` is the report's date unless one is given."""
    command.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    command.add_argument("--only", action="append", default=[], metavar="NAME|NUMBER", help="only these probes")
    command.add_argument("--at-once", type=int, default=2, help="probes side by side, each on cores of its own")
    command.add_argument(
        "--crowd", type=int, default=30, metavar="N", help="submissions of probe 61, a tenth of them hostile"
    )
    command.add_argument(
        "--restart", default="", metavar="COMMAND", help="in probe 62, restart the engine with this; never a shared one"
    )
    command.add_argument("--sign", type=Path, metavar="KEY", help="sign the report with this Ed25519 key (PEM)")
    command.add_argument(
        "--verify",
        type=Path,
        nargs=2,
        metavar=("REPORT", "KEY"),
        help="run nothing: is this what the holder of this public key signed?",
    )
    command.add_argument("--date", type=datetime.fromisoformat, default=now, help="the report's date (ISO 8601)")


def chosen(words: Sequence[str], probes: Sequence[Probe] = PROBES) -> list[Probe]:
    """The probes whose number is, or whose name holds, one of `words`; all where there are none."""
    if not words:
        return list(probes)
    return [
        probe
        for probe in probes
        if any(probe.number == int(word) if word.isdecimal() else word.lower() in probe.name for word in words)
    ]


def selftest(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Run the hostile suite against the live engine; 1 if a probe got through, 2 if nothing could be tried."""
    if options.verify:
        return _verify(*options.verify)
    writing.check(options.json)
    probes = [_with_options(probe, options) for probe in chosen(options.only)]
    if not probes or options.at_once < 1 or options.crowd < 10:
        print("no probe of that name or number, or a number below what makes sense", file=sys.stderr)
        return 2
    key = options.sign.read_bytes() if options.sign else None
    if key is not None:
        signed({}, key)  # a key that cannot sign is said now, and not when all has run
    engine.check_runtime()
    if not _images(engine):
        raise ImageMissing("none is made yet: python3 deploy/runner_image.py")
    unseen = Host.now(engine).unseen()
    print(HEAD)
    findings = list[Finding]()
    for found in campaign(probes, engine, options.at_once):
        findings.append(found)
        print(row(found), flush=True)
    images = _images(engine)
    for family, info in images.items():
        print(f"{family}: {info.image} {', '.join(info.tools)}")
    print(f"{summary(findings)}; engine {_one(images).engine}, {_one(images).runtime}, kernel {_one(images).kernel}")
    if unseen:
        print(f"not seen of the host: {', '.join(unseen)}")
    report = document(findings, images, options.date, unseen)
    if key is not None:
        report = signed(report, key)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    states = {one.state for one in findings}
    return 1 if THROUGH in states else 0 if HELD in states else 2


def _verify(path: Path, key: Path) -> int:
    """Raises `ReportNotProven`."""
    try:
        report = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ReportNotProven("it is no JSON") from error
    if not isinstance(report, dict):
        raise ReportNotProven("it is no report")
    verify(report, public_key(key.read_bytes()))
    print(f"proven, as of {report['date']}: {report['summary']}")
    return 0


def _with_options(probe: Probe, options: argparse.Namespace) -> Probe:
    if probe.number == 61:
        return replace(probe, scenario=crowd.crowd(options.crowd))
    if probe.number == 62 and options.restart:
        return replace(probe, scenario=crowd.restarted(options.restart), alone=True)
    return probe


def _images(engine: DockerEngine) -> dict[str, EngineInfo]:
    """The images that are built, by family."""
    found = dict[str, EngineInfo]()
    for family in sorted({language.family for language in LANGUAGES.values()}):
        with suppress(ImageMissing):
            found[family] = engine.info(family)
    return found


def _one(images: dict[str, EngineInfo]) -> EngineInfo:
    return next(iter(images.values()))
