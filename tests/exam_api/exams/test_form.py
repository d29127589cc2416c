"""The page editor and the file say the same: form ↔ data ↔ YAML, for every kind of question."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from courses.errors import SourceError
from courses.source import read
from exam_api.exams.pages.items import as_candidate
from exam_api.exams.service import form as forms
from exam_api.exams.service.checking import check, read_draft
from exam_api.exams.service.editing import fresh
from exam_api.exams.service.paste import read_people
from exam_api.exams.service.writing import count_comments, write, write_data
from grading.errors import ItemError
from grading.exam import read_exam, to_data
from grading.item import read_item
from grading.item import to_data as item_to_data
from grading.kinds import KINDS
from grading.wording import normal
from tests.factories import EXAMPLE_EXAM
from tests.grading.samples import OWN

few = settings(max_examples=50, deadline=None)

# What a browser can send: line ends arrive as LF, and what no database stores is refused elsewhere.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00")
tricky = st.sampled_from(
    [
        "no",
        "null",
        "~",
        "12",
        "1e3",
        "0x1f",
        "- a",
        "# x",
        "a: b",
        "'",
        '"',
        " lead",
        "trail ",
        "\n\nx\n",
        "x\n\n",
        "سؤال",
        "🎓",
        "<b>",
        "\tx",
        "\x85",
        "a\u2028b",
        "\ufeff",
        "|",
        "> x",
        "%",
        "@",
        "`",
        "{",
        "[",
        "*a",
        "&a",
        "!a",
        "?",
        "=",
        "<<",
        "2026-01-01",
        "  a\n b\n",
        "\x07",
    ]
)
texts = (tricky | st.text(letters, max_size=40)).filter(lambda text: text.strip())
slugs = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
points = st.floats(0.01, 1_000) | st.integers(1, 1_000).map(float)


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(slugs, min_size=2, max_size=6, unique=True))
    correct = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1, unique=True))
    data = {
        "options": [{"id": name, "text": draw(texts)} for name in ids],
        "multiple": len(correct) > 1 or draw(st.booleans()),
    }
    credit = draw(st.sampled_from(["right_minus_wrong", "all_or_nothing"]))
    # The form keeps the order of the options, so that is the order in which the key is written.
    return data | {
        "correct": [name for name in ids if name in correct],
        "credit": credit,
        "shuffle": draw(st.booleans()),
    }


@st.composite
def matches(draw: st.DrawFn) -> dict[str, Any]:
    right = draw(st.lists(texts, min_size=2, max_size=6, unique_by=lambda text: " ".join(text.split())))
    cut = draw(st.integers(2, len(right)))
    ids = draw(st.lists(slugs, min_size=cut, max_size=cut, unique=True))
    pairs = [{"id": name, "left": draw(texts), "right": text} for name, text in zip(ids, right[:cut], strict=True)]
    return {"pairs": pairs, "distractors": right[cut:]}


@st.composite
def numerics(draw: st.DrawFn, most: float) -> dict[str, Any]:
    data: dict[str, Any] = {"value": draw(st.floats(allow_nan=False, allow_infinity=False))}
    if draw(st.booleans()):
        data |= {"unit": draw(st.sampled_from(["m/s^2", "kg", "km"])), "unit_points": draw(st.floats(0, most))}
    if draw(st.booleans()):
        data["tolerance"] = {"absolute": draw(st.floats(0, 1e9)), "relative": draw(st.floats(0, 1))}
    return data


@st.composite
def shorts(draw: st.DrawFn) -> dict[str, Any]:
    every = draw(st.lists(texts, min_size=1, max_size=6, unique_by=normal))
    cut = draw(st.integers(1, len(every)))
    return {"answers": every[:cut], "reject": every[cut:], "confidence": draw(st.floats(0.5, 1))}


@st.composite
def codes(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    maybe = st.just("") | texts
    tests = [{"name": n, "stdin": draw(maybe), "expect": draw(maybe), "hidden": draw(st.booleans())} for n in names]
    compare = draw(st.sampled_from(["tokens", "exact", "float"]))
    limits = {"cpu_seconds": draw(st.floats(0.5, 5)), "memory_mib": draw(st.integers(16, 512))}
    starter = draw(maybe)
    data = {"language": "python", "starter": starter, "tests": tests, "compare": compare, "limits": limits}
    if draw(st.booleans()):
        data["reference"] = {"language": draw(st.sampled_from(["python", "c"])), "source": draw(texts)}
        data["languages"] = draw(st.permutations(["c", "python", "cpp"]))
    return data | {"feedback": draw(st.sampled_from(["none", "verdicts", "samples", "full"]))}


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """Right items of every kind, as the core writes them."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    worth = draw(points)
    if kind == "essay":
        rubric: list[dict[str, Any]] = draw(
            st.lists(st.builds(dict, text=texts, points=points), min_size=1, max_size=4)
        )
        worth = min(sum(line["points"] for line in rubric), 1_000)
        rubric = rubric if worth < 1_000 else [{"text": "all", "points": 1_000}]
        own: dict[str, Any] = {
            "rubric": rubric,
            "min_words": draw(st.integers(0, 100)),
            "max_words": draw(st.integers(100, 200)),
        }
    elif kind in {"drawing", "file", "recording"}:
        own = {**draw(OWN[kind](worth)), "rubric": [{"text": draw(texts), "points": worth}]}
    else:
        own = draw(
            {"choice": choices(), "match": matches(), "numeric": numerics(worth), "short": shorts(), "code": codes()}[
                kind
            ]
        )
    data = {"id": draw(slugs), "kind": kind, "title": draw(texts), "prompt": draw(texts), "points": worth, **own}
    return item_to_data(read_item(data))


@given(data=items())
@few
def test_a_form_gives_back_the_question_it_was_made_from(data: dict[str, Any]) -> None:
    shown = forms.item_form(data)
    assert all(isinstance(value, str) for value in shown.values())
    assert read_item(forms.changed_item(shown, data)) == read_item(data)


@given(data=st.lists(items(), min_size=1, max_size=3, unique_by=lambda data: data["id"]), title=texts)
@few
def test_a_file_gives_back_the_exam_it_was_written_from(data: list[dict[str, Any]], title: str) -> None:
    exam = read_exam({"title": title, "description": title, "duration_minutes": 30, "pass_percent": 50, "items": data})
    text = write(exam)
    assert read_draft(text) == exam
    assert read_exam(read(text).data) == exam


values = st.recursive(
    texts | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=4),
    max_leaves=10,
)


@given(data=st.dictionaries(st.sampled_from("abcde"), values, min_size=1))
@few
def test_whatever_is_written_reads_back_equal(data: dict[str, Any]) -> None:
    assert read(write_data(data)).data == data


@given(
    form=st.dictionaries(
        st.sampled_from(
            ["id", "title", "points", "option-0-text", "option-199-correct", "test-1-points", "credit", "value"]
        ),
        st.text(),
    )
)
@few
def test_no_form_breaks_the_reader(form: dict[str, str]) -> None:
    for kind in (*KINDS, "", "nothing"):
        data = forms.item_data({**form, "kind": kind})
        with suppress(ItemError):
            read_item(data)
        assert all(forms.item_form(data).values())


def test_the_settings_form_gives_back_the_exam_it_was_made_from() -> None:
    exam = read_draft(EXAMPLE_EXAM.read_text(encoding="utf-8"))
    data = to_data(exam)
    assert read_exam(forms.settings_data(forms.settings_form(data), data)) == exam


@pytest.mark.parametrize("browser", ["any", "locked-down"])
def test_the_settings_form_knows_the_locked_down_browser(browser: str) -> None:
    data = to_data(read_draft(EXAMPLE_EXAM.read_text(encoding="utf-8")))
    data["proctoring"] |= {"browser": browser}
    form = forms.settings_form(data)
    assert ("locked_down" in form) == (browser == "locked-down")
    assert read_exam(forms.settings_data(form, data)) == read_exam(data)


def test_saving_the_settings_keeps_what_only_the_file_says() -> None:
    data = to_data(read_draft(EXAMPLE_EXAM.read_text(encoding="utf-8")))
    letter = {"id": "letter", "title": "A letter", "text": "Dear Ada"}
    data |= {"stimuli": [letter], "tools": ["calculator", "zoom"], "language": "ar"}
    data["items"][0]["stimulus"] = "letter"
    form = forms.settings_form(data)
    assert {name for name in form if name.startswith("tool-")} == {"tool-calculator", "tool-zoom"}
    del form["tool-calculator"]
    made = read_exam(forms.settings_data({**form, "language": ""}, data))
    assert (made.tools, made.language, made.items[0].stimulus) == (("zoom",), "", "letter")
    assert [each.title for each in made.stimuli] == ["A letter"]


def test_a_written_file_looks_as_a_person_would_write_it() -> None:
    text = write(read_draft(EXAMPLE_EXAM.read_text(encoding="utf-8")))
    assert "prompt: |\n" in text
    assert "\\n" not in text.replace('\\n"', "").replace("'\\n'", "")
    assert check(text).problems == ()
    assert count_comments(text) == 0


comments = st.text(st.sampled_from("# ab:'|\""), max_size=8).map("# {}".format)


def _says(source: str) -> Any:
    try:
        return read(source).data
    except SourceError:
        return None


@few
@given(
    st.dictionaries(st.sampled_from("abcde"), values, min_size=1),
    st.lists(st.tuples(st.integers(0, 200), comments), max_size=6),
)
def test_only_real_comments_are_counted(data: dict[str, Any], added: list[tuple[int, str]]) -> None:
    """Whatever texts a file holds, its comments are those that somebody put between its lines."""
    lines = write_data(data).splitlines(keepends=True)
    assert count_comments("".join(lines)) == 0
    starts = [number for number, line in enumerate(lines) if line[0] in 'abcde"']
    for at, comment in sorted(added, reverse=True):
        lines.insert(starts[at % len(starts)], comment + "\n")
    source = "".join(lines)
    assume(_says(source) == data)  # a comment right behind a text that ends in empty lines can take one of them away
    assert count_comments(source) == len(added)


def test_where_a_comment_can_stand() -> None:
    assert count_comments("# a\ntitle: b # c\n  # d\n") == 3
    assert count_comments("\ufeffa: |  # why\n  # no\n\n  # no\n# yes\nb: 'x # no'\nc: x#no\nd: [1, # yes\n 2]\n") == 3
    assert count_comments("items:\n  - starter: |\n      # your name\n      print()\n    id: a\n") == 0
    assert count_comments("# only this\n") == 1


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_new_question_of_each_kind_is_right_at_once(kind: str) -> None:
    assert as_candidate(fresh(kind, "new"))["kind"] == kind


@given(data=items())
@few
def test_a_candidate_never_sees_a_key(data: dict[str, Any]) -> None:
    shown = as_candidate(data)
    assert not {"correct", "pairs", "value", "tolerance", "answers", "reject", "confidence"} & set(shown)
    hidden = [test["name"] for test in data.get("tests", []) if test.get("hidden")]
    assert not {test["name"] for test in shown.get("tests", [])} & set(hidden)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("ada@example.org", ("ada@example.org", None, 0)),
        ("  ADA@Example.org ; 15", ("ada@example.org", None, 15)),
        ("Ada Lovelace, ada@example.org, 5", ("ada@example.org", "Ada Lovelace", 5)),
        ('"Lovelace" <ada@example.org>\t20', ("ada@example.org", "Lovelace", 20)),
        ("ada@example.org,أدا", ("ada@example.org", "أدا", 0)),
    ],
)
def test_a_line_of_people_is_read_as_people_write_it(line: str, row: tuple[str, str | None, int]) -> None:
    pasted = read_people(line)
    assert [(each.email, each.name, each.extra_minutes) for each in pasted.rows] == [row]
    assert pasted.wrong == []


@pytest.mark.parametrize(
    "line",
    ["nobody", "a@b@c", "a@example.org b@example.org, c@example.org", "a@example.org, 1, 2", "a@example.org, 2000"],
)
def test_a_line_that_is_no_person_is_reported_with_its_number(line: str) -> None:
    pasted = read_people(f"\nada@example.org\n{line}\nada@example.org")
    assert [each.line for each in pasted.wrong] == [3, 4]
    assert len(pasted.rows) == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("title",), "title"),
        (("options", 1, "text"), "option-1-text"),
        (("correct", 0), "options"),
        (("pairs", 1, "right"), "pair-1-right"),
        (("pairs",), "pairs"),
        (("distractors", 0), "distractor-0"),
        (("answers", 2), "answer-2"),
        (("rubric", 0, "points"), "criterion-0-points"),
        (("tests",), "tests"),
        (("groups", 1, "points"), "group-1-points"),
        (("groups",), "groups"),
        (("languages",), "languages"),
        (("reference", "source"), "reference-source"),
        (("reference",), "reference-source"),
        (("tolerance", "absolute"), "absolute"),
        (("tolerance",), "tolerance"),
        (("limits", "memory_mib"), "memory_mib"),
        (("certificate", "name"), "certificate-name"),
        (("certificate", "renewal"), "renewal-credits"),
        (("certificate", "renewal", "window_days"), "renewal-window_days"),
        ((), "title"),
    ],
)
def test_a_mistake_leads_to_its_field(path: tuple[str | int, ...], name: str) -> None:
    assert forms.field_of(ItemError(path, "is missing")) == name


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("ada@example.org, Ada, 15 min", ("ada@example.org", "Ada", 15, 0)),
        ("ada@example.org, Ada, 15 Minuten", ("ada@example.org", "Ada", 15, 0)),
        ('"ada@example.org","Lovelace, Ada","5"', ("ada@example.org", "Lovelace, Ada", 5, 0)),
        ('ada@example.org;"Ada ""Countess"" Lovelace";25%', ("ada@example.org", 'Ada "Countess" Lovelace', 0, 25)),
        ('"ada@example.org"\t"Ada"', ("ada@example.org", "Ada", 0, 0)),
    ],
)
def test_a_line_is_read_as_a_spreadsheet_writes_it(line: str, row: tuple[str, str | None, int, int]) -> None:
    pasted = read_people(line)
    assert [(each.email, each.name, each.extra_minutes, each.extra_percent) for each in pasted.rows] == [row]


@pytest.mark.parametrize("extra", ["-5", "+", "100000", "15x", "1.5 h", "15 20"])
def test_a_mistyped_number_is_reported_and_never_part_of_a_name(extra: str) -> None:
    pasted = read_people(f"ada@example.org, Ada, {extra}")
    if extra == "+":
        assert pasted.rows[0].name == "Ada +"
    else:
        assert [each.message for each in pasted.wrong] == [
            "Extra time is a number of minutes, or a percentage such as 25%."
        ]


def test_too_much_extra_time_is_said_in_words() -> None:
    assert [each.message for each in read_people("ada@example.org, 2000\nben@example.org, 400%").wrong] == [
        "Nobody can have more than 1,440 extra minutes.",
        "Nobody can have more than 300 percent of extra time.",
    ]


@given(st.text(max_size=80))
def test_any_line_is_a_person_or_a_sentence(line: str) -> None:
    pasted = read_people(line)
    assert all(each.message and each.text for each in pasted.wrong)
