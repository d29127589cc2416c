"""Problem packages as questions of an exam, and as other judges' packages; from the command line, as an author does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.source import read
from grading.__main__ import main
from grading.item import read_item
from grading.kinds.code import Code
from grading.kinds.code.imported import item_of
from grading.kinds.code.reference import check_reference, read_reference
from grading.programs.archive import Package
from grading.programs.errors import NotSupported
from grading.programs.kattis import read_kattis
from grading.programs.problem import Problem
from grading.programs.readers import read_problems
from sandbox.engines.docker import DockerEngine
from sandbox.job import Result
from sandbox.run import run
from tests.grading.programs.packages import ADD, BISECT, GUESS, laid, plain, scored


def package(files: dict[str, bytes | str]) -> Problem:
    return read_kattis(
        Package("p", {name: data.encode() if isinstance(data, str) else data for name, data in files.items()})
    )


def code(data: dict[str, Any]) -> Code:
    item = read_item(data)
    assert isinstance(item, Code)
    return item


GROUPS: dict[str, bytes | str] = {
    "problem.yaml": "problem_format_version: 2023-07\nname: Groups\ntype: scoring\nlimits: {time_limit: 1}\n",
    "data/sample/1.in": "1 1", "data/sample/1.ans": "2",
    "data/secret/easy/test_group.yaml": "max_score: 40\n",
    "data/secret/easy/1.in": "1 2", "data/secret/easy/1.ans": "3",
    "data/secret/hard/test_group.yaml": "max_score: 60\nscore_aggregation: min\nrequire_pass: easy\n",
    "data/secret/hard/1.in": "5 2", "data/secret/hard/1.ans": "7",
    "data/secret/hard/2.in": "1e5", "data/secret/hard/2.ans": "007",
    "submissions/accepted/add.py": ADD,
}  # fmt: skip


def test_a_plain_problem_is_all_or_nothing() -> None:
    made = item_of(package(plain()), 5)
    item = code(made.data)
    assert [group.rule for group in item.groups] == ["all"]
    assert item.points == 5
    assert item.reference is not None
    assert [test.hidden for test in item.tests] == [not test.sample for test in package(plain()).tests]
    assert any("capitals" in note for note in made.notes)


def test_groups_keep_their_share_their_rule_and_what_they_need() -> None:
    item = code(
        item_of(
            package(GROUPS | {"data/secret/hard/test_group.yaml": "max_score: 60\nscore_aggregation: min\n"}), 5
        ).data
    )
    assert [(one.name, one.points, one.rule, one.tests) for one in item.groups] == [
        ("secret/easy", 2.0, "all", ("easy 1",)),
        ("secret/hard", 3.0, "min", ("hard 1", "hard 2")),
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"problem.yaml": "name: a\nvalidation: custom multi-pass\n", "output_validators/a.py": GUESS},
            "several passes",
        ),
        ({"data/secret/1.in": b"\xff", "data/secret/1.ans": "1"}, "text"),
        ({"data/secret/testdata.yaml": "output_validator_flags: space_change_sensitive\n"}, "compare"),
        ({f"data/secret/{at:03}.{end}": "1" for at in range(101) for end in ("in", "ans")}, "at most 100"),
        ({"include/python/a.py": "a = 1\n"}, "one language only"),
        ({"data/secret/1.in": "1", "data/secret/1.ans": "1", "data/secret/1.yaml": "args: a\n"}, "arguments"),
    ],
)
def test_what_an_item_would_judge_otherwise_is_refused(changes: dict[str, bytes | str], why: str) -> None:
    with pytest.raises(NotSupported, match=why):
        item_of(package(plain() | changes), 10)


@pytest.mark.parametrize(
    "settings_",
    ["grader_flags: avg\n", "grader_flags: max\n", "reject_score: 1\n", "on_reject: break\ngrader_flags: sum\n"],
)
def test_scores_that_an_item_does_not_know_are_refused(settings_: str) -> None:
    files = scored() | {"data/secret/easy/testdata.yaml": settings_}
    with pytest.raises(NotSupported):
        item_of(
            read_kattis(Package("p", {n: d.encode() if isinstance(d, str) else d for n, d in files.items()}), "kattis"),
            10,
        )


def test_the_command_prints_an_item_that_an_exam_takes(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = laid(GROUPS | {"data/secret/hard/test_group.yaml": "max_score: 60\n"}, tmp_path / "groups")
    assert main(["problem", str(folder), "--points", "5", "--languages", "python", "c"]) == 0
    said = capsysbinary.readouterr()
    (data,) = read(said.out.decode()).data
    item = code(data)
    assert item.languages == ("python", "c")
    assert [(test.stdin, test.expect) for test in item.tests][-1] == ("1e5", "007")
    assert b"capitals" in said.err


@pytest.mark.parametrize("form", ["kattis", "legacy", "coderunner"])
def test_the_command_writes_packages_that_are_read_again(tmp_path: Path, form: str) -> None:
    question = (
        "<quiz><question type='coderunner'><name><text>Square</text></name><coderunnertype>python3_w_input</coderunnertype>"
        "<defaultgrade>1</defaultgrade><allornothing>0</allornothing><answer>print(int(input()) ** 2)</answer><testcases>"
        "<testcase mark='1'><stdin><text>3</text></stdin><expected><text>9</text></expected></testcase>"
        "</testcases></question></quiz>"
    )
    (tmp_path / "q.xml").write_text(question)
    source = tmp_path / "q.xml" if form == "coderunner" else laid(plain(), tmp_path / "sum")
    out = tmp_path / ("out.xml" if form == "coderunner" else "out.zip")
    assert main(["problem", str(source), "--to", form, "--out", str(out)]) == 0
    (problem,) = read_problems(out)
    assert isinstance(problem, Problem)
    assert len(problem.tests) == len(next(one for one in read_problems(source) if isinstance(one, Problem)).tests)


def test_what_cannot_be_converted_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = laid(plain(), tmp_path / "sum")
    assert main(["problem", str(folder), "--to", "dmoj"]) == 1
    assert "--out" in capsys.readouterr().err
    assert main(["problem", str(tmp_path / "none")]) == 1
    assert "no such file" in capsys.readouterr().err


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf")) | st.sampled_from("\n\t #:-'\"|>0e")
    )
)
def test_any_text_comes_back_from_an_exam_as_it_was(text: str) -> None:
    data = item_of(package(plain(**{"data/secret/1.in": text, "data/secret/1.ans": "1"})), 10).data
    given_ = [test["stdin"] for test in data["tests"]]
    assert text in given_
    assert json.loads(json.dumps(data)) == data


@pytest.mark.docker
@pytest.mark.parametrize("files", [plain(), {
    "problem.yaml": "name: Guess\nvalidation: custom interactive\n", ".timelimit": "1",
    "output_validators/talk.py": GUESS, "data/secret/1.in": "42", "data/secret/1.ans": "",
    "submissions/accepted/bisect.py": BISECT,
}])  # fmt: skip
def test_the_accepted_submission_passes_as_the_reference(engine: DockerEngine, files: dict[str, bytes | str]) -> None:
    item = code(item_of(package(files), 10, ("python",)).data)
    results: list[Result] = []
    while works := check_reference(item, results):
        results += [run(work, engine) for work in works]
    # On a busy machine a limit may leave too little room; the reference itself must pass.
    assert not [said for said in read_reference(item, results) if "leaves less than" not in said]
