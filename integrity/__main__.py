"""`python -m integrity report responses.csv` examines a cohort's answers without any server."""

import argparse
import json
import sys
from pathlib import Path

from integrity.detectors.shared_answers import SharedAnswers
from integrity.errors import IntegrityError
from integrity.reading import read_cohort
from integrity.report import as_text, make_report


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when the cohort was examined, whatever was found; 1 when it could not be."""
    options = _parser().parse_args(arguments)
    try:
        texts = [
            path and path.read_text(encoding="utf-8") for path in (options.responses, options.key, options.seconds)
        ]
        report = make_report(read_cohort(*texts), SharedAnswers(alpha=options.alpha))
    except (IntegrityError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.picture:
        options.picture.write_text(report.picture, encoding="utf-8")
    print(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if options.json else as_text(report))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m integrity", description="Look for unusual answers in a cohort.")
    report = parser.add_subparsers(required=True, metavar="report").add_parser(
        "report", help="examine a table of answers"
    )
    report.add_argument(
        "responses", type=Path, help="CSV: one row per person, one column per item, an empty cell is a blank"
    )
    report.add_argument(
        "--key", type=Path, help="CSV: item,answer per line; without it the most frequent answer counts as right"
    )
    report.add_argument("--seconds", type=Path, help="CSV laid out like the responses, with the seconds spent")
    report.add_argument(
        "--alpha", type=float, default=SharedAnswers().alpha, help="share of honest exams with any pair reported"
    )
    report.add_argument("--json", action="store_true", help="print JSON instead of text")
    report.add_argument("--picture", type=Path, metavar="OUT.svg", help="also write a picture of all pairs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
