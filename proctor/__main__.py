"""`python -m proctor analyse VIDEO|FOLDER`: what the cameras and rules make of a recording, without a server."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proctor import picture
from proctor.errors import ProctorError
from proctor.flag import Flag, plain_seconds
from proctor.recording import analyse, events_of, frames_of
from proctor.signal import Signal
from proctor.timeline import flags
from proctor.vision.analyser import FrameAnalyser, Models


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m proctor", description="Proctoring signals of a recording, explained.")
    command = top.add_subparsers(dest="command", required=True).add_parser(
        "analyse", help="analyse a video or a folder of JPEG files"
    )
    command.add_argument("source", type=Path, metavar="VIDEO|FOLDER")
    command.add_argument("--reference", type=Path, metavar="PHOTO", help="JPEG photo of the person who should be there")
    command.add_argument("--events", type=Path, metavar="JSONL", help="browser events, one JSON object a line")
    command.add_argument(
        "--start", type=datetime.fromisoformat, help="time of the first frame, with zone (default: now)"
    )
    command.add_argument("--rate", type=float, default=1.0, help="frames a second to analyse (default 1)")
    command.add_argument(
        "--models", type=Path, default=Path(".cache/models"), help="folder of model files (default .cache/models)"
    )
    command.add_argument("--json", action="store_true", help="print signals and flags as JSON")
    command.add_argument("--picture", type=Path, metavar="OUT.svg", help="write the timeline as a picture")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    start: datetime = options.start or datetime.now(UTC)
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    try:
        signals, seconds = _signals(options, start)
        found = flags(signals)
        if options.picture:
            options.picture.write_text(picture.svg(signals, found, alone=True), "utf-8")
    except (ProctorError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(
            json.dumps(
                {"signals": [_plain(each) for each in signals], "flags": [_plain(each) for each in found]}, indent=1
            )
        )
    else:
        _report(signals, found, seconds, start)
    return 0


def _signals(options: argparse.Namespace, start: datetime) -> tuple[list[Signal], float]:
    signals = [event.signal() for event in events_of(options.events)] if options.events else []
    with FrameAnalyser(Models.under(options.models)) as analyser:
        reference = analyser.reference(options.reference.read_bytes()) if options.reference else None
        began = time.perf_counter()
        for each in analyse(frames_of(options.source, start, options.rate), analyser, reference):
            signals += each
        return signals, time.perf_counter() - began


def _plain(value: Signal | Flag) -> dict[str, Any]:
    """JSON values: times in ISO 8601, durations in seconds."""
    fields = dataclasses.asdict(value)
    for name, each in fields.items():
        if isinstance(each, datetime):
            fields[name] = each.isoformat()
        elif hasattr(each, "total_seconds"):
            fields[name] = each.total_seconds()
    return fields


def _report(signals: list[Signal], found: list[Flag], seconds: float, start: datetime) -> None:
    frames = len({signal.source for signal in signals if signal.is_frame})
    print(
        f"{frames} frames in {seconds:.1f} s ({frames / max(seconds, 1e-9):.0f} a second), {len(signals)} signals, {len(found)} flags"
    )
    for flag in found:
        when = f"{plain_seconds(flag.start - start)} to {plain_seconds(flag.end - start)}"
        print(f"\n{flag.rule} ({flag.severity}, {when}, confidence {flag.confidence:.2f})\n  {flag.reason}")
        print(f"  Could also be: {'; '.join(flag.innocent)}.\n  Evidence: {', '.join(flag.evidence)}")


if __name__ == "__main__":
    raise SystemExit(main())
