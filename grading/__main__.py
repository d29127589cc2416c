"""Check exam files and grade stored answers without a server.

    python -m grading check EXAM.yaml
    python -m grading deal EXAM.yaml --seed HEX [--public]
    python -m grading score --exam EXAM.yaml --responses ANSWERS.jsonl [--models FOLDER]
    python -m grading score ANSWERS.jsonl [--models FOLDER]
    python -m grading problem PACKAGE [--to item|kattis|legacy|dmoj|coderunner] [--out FILE]
    python -m grading calibrate LABELLED.yaml --models FOLDER
    python -m grading measure LABELLED.jsonl --models FOLDER

A line of ANSWERS.jsonl is {"id": ..., "response": ...}, or, where no exam is named, {"item": {...}, "response": ...}.
Code items wait: no program runs here. A line of LABELLED.jsonl is
{"question": ..., "references": [{"text": ...}], "answers": [{"text": ..., "label": "correct"}]}.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from grading import plain_yaml, problem_command
from grading.deal import deal
from grading.errors import GradingError
from grading.exam import Exam, public, read_exam, to_data
from grading.grade import Graded, Tools, grade
from grading.item import Item, read_item
from grading.kinds.choice import Choice
from grading.kinds.match import Match
from grading.mark import Grade
from grading.scale import result

MAX_EXAM = 8 * 1024 * 1024


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m grading", description="Check exam files, and grade stored answers."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what an exam file holds, or where its first mistake is")
    check.add_argument("exam", type=Path)
    dealt = commands.add_parser("deal", help="print the form that a candidate with this seed gets")
    dealt.add_argument("exam", type=Path)
    dealt.add_argument("--seed", required=True, help="32 hexadecimal digits, as the attempt records them")
    dealt.add_argument("--public", action="store_true", help="only what the candidate sees, as JSON")
    score = commands.add_parser("score", help="grade the answers of one attempt and print a table")
    score.add_argument("answers", type=Path, nargs="?", help="JSON lines that hold the items too")
    score.add_argument("--exam", type=Path)
    score.add_argument("--responses", type=Path)
    score.add_argument("--seed", help="of the attempt, where candidates get different forms")
    score.add_argument("--models", type=Path, help="folder of the language model, for short answers")
    problem_command.add_arguments(
        commands.add_parser("problem", help="turn a problem package into a question, or into another judge's package")
    )
    calibrate = commands.add_parser("calibrate", help="fit the curve for short answers to labelled ones")
    calibrate.add_argument("labelled", type=Path)
    calibrate.add_argument("--models", type=Path, required=True)
    measured = commands.add_parser("measure", help="say how good the short-answer grader is on labelled answers")
    measured.add_argument("labelled", type=Path)
    measured.add_argument("--models", type=Path, required=True)
    args = parser.parse_args(argv)
    if args.command == "score" and bool(args.answers) == bool(args.exam and args.responses):
        parser.error("score needs either one file of answers, or --exam and --responses")
    try:
        return COMMANDS[args.command](args)
    except RecursionError:
        print("the file is nested too deeply", file=sys.stderr)
        return 1
    except (GradingError, OSError, ValueError) as error:
        print(f"{_said(error)}", file=sys.stderr)
        return 1


def _check(args: argparse.Namespace) -> int:
    exam = _exam(args.exam)
    print(f"{exam.title}: {exam.duration_minutes} minutes, pass at {exam.pass_percent:g} %\n")
    head = ("item", "kind", "points", "guessing", "title")
    _table([head, *((i.id, i.kind, f"{i.points:g}", _guessing(i), i.title) for i in exam.items)])
    drawn = f" Each candidate gets {exam.count} of them." if exam.pools else ""
    print(f"\n{len(exam.items)} items, {exam.max_points:g} points.{drawn} The file is in order.")
    return 0


def _deal(args: argparse.Namespace) -> int:
    dealt = deal(_exam(args.exam), args.seed).exam
    if args.public:
        print(json.dumps(public(dealt), ensure_ascii=False, indent=2))
    else:
        print(yaml.safe_dump(to_data(dealt), sort_keys=False, allow_unicode=True, width=110), end="")
    return 0


def _score(args: argparse.Namespace) -> int:
    tools = _tools(args.models)
    if args.answers:
        pairs, pass_percent = list(_alone(args.answers)), 0.0
    else:
        exam = _exam(args.exam)
        if args.seed:
            exam = deal(exam, args.seed).exam
        given = {line.get("id"): line.get("response") for line in _lines(args.responses)}
        if unknown := set(given) - {item.id for item in exam.items}:
            raise ValueError(f"the exam has no item {min(map(str, unknown))!r}")
        pairs, pass_percent = [(item, given.get(item.id)) for item in exam.items], exam.pass_percent
    grades = [grade(item, response, (), tools) for item, response in pairs]
    head = ("item", "kind", "points", "of", "sure", "what the candidate reads")
    _table([head, *(_row(item, got) for (item, _), got in zip(pairs, grades, strict=True))])
    final = result(grades, pass_percent)
    state = "complete" if final.complete else "a person or a sandbox is still needed"
    print(f"\n{final.points:g} of {final.max_points:g} points, {final.percent:.1f} %: {state}.")
    return 0


def _calibrate(args: argparse.Namespace) -> int:
    from grading.calibrate import (
        check_labelled,
        fit,
    )  # scikit-learn takes seconds to load and only this command needs it
    from grading.embedding import MiniLM

    labelled = check_labelled(_yaml(args.labelled))
    found = fit(labelled, MiniLM.load(args.models))
    print(f"INTERCEPT = {found.intercept:.3f}\nWEIGHTS = ({', '.join(f'{weight:.3f}' for weight in found.weights)})")
    print(f"{found.answers} answers; left-out questions: accuracy {found.accuracy:.3f}, Brier score {found.brier:.3f}")
    return 0


def _guessing(item: Item) -> str:
    return f"{item.points * item.guessed():.2f}" if isinstance(item, Choice | Match) else ""


def _measure(args: argparse.Namespace) -> int:
    from grading.embedding import MiniLM
    from grading.evaluate import fooled, judge, measure

    questions, model = list(_lines(args.labelled)), MiniLM.load(args.models)
    found = measure(judge(questions, model))
    rows = [(name, f"{value:.3f}" if isinstance(value, float) else str(value)) for name, value in vars(found).items()]
    _table([row for row in rows if row[0] != "at_coverage"])
    _table([(f"accuracy at {share:.0%}", f"{value:.3f}") for share, value in found.at_coverage.items()])
    print("\naccepted without a person:")
    chance = random.Random(1)  # noqa: S311  it builds fake answers, not secrets
    _table([(name, f"{share:.3f}") for name, share in fooled(questions, model, chance).items()])
    return 0


COMMANDS = {
    "check": _check,
    "deal": _deal,
    "score": _score,
    "calibrate": _calibrate,
    "problem": problem_command.convert,
    "measure": _measure,
}


def _row(item: Item, got: Grade) -> tuple[str, ...]:
    if isinstance(got, Graded):
        sure = f"{got.confidence:.0%}" + ("" if got.certain else " ?")
        return item.id, item.kind, f"{got.points:.2f}", f"{got.max_points:g}", sure, got.feedback
    return item.id, item.kind, "–", f"{got.max_points:g}", got.cause, got.reason


def _tools(models: Path | None) -> Tools:
    if models is None:
        return Tools()
    from grading.embedding import MiniLM  # ONNX Runtime takes a second to load and most commands need none

    return Tools(embed=MiniLM.load(models))


def _exam(path: Path) -> Exam:
    return read_exam(_yaml(path))


def _yaml(path: Path) -> Any:
    with path.open("rb") as file:
        return plain_yaml.load(file.read(MAX_EXAM + 1), MAX_EXAM)


def _alone(path: Path) -> Iterator[tuple[Item, object]]:
    for line in _lines(path):
        yield read_item(line.get("item")), line.get("response")


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            found = json.loads(line)
            if not isinstance(found, dict):
                raise ValueError(f"line {number} is not a JSON object")
            yield found


def _table(rows: Sequence[Sequence[str]]) -> None:
    cells = [[" ".join(cell.split())[:90] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _said(error: Exception) -> str:
    return f"no such file: {error.filename}" if isinstance(error, FileNotFoundError) else str(error)


if __name__ == "__main__":
    sys.exit(main())
