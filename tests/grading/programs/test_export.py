"""A problem that is written as a package and read again is the same problem, or is not written at all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.programs.archive import Package, read_archive
from grading.programs.checker import Protocol
from grading.programs.coderunner import DRIVER, DRIVER_NAME, TEST_CODE, read_coderunner
from grading.programs.compare import DEFAULT, Comparison, Exact, Lines, Tokens, Unordered
from grading.programs.dmoj import read_dmoj
from grading.programs.errors import NotSupported
from grading.programs.expectations import LEGACY, MODERN
from grading.programs.export import difference_of, write_coderunner, write_dmoj, write_kattis, zipped
from grading.programs.export_groups import exact
from grading.programs.kattis import read_kattis
from grading.programs.problem import Author, Problem, ProblemLimits, Submission
from grading.programs.problem import Test as OneTest
from grading.programs.program import Program, Sources
from grading.programs.scoring import Aggregate, Case, Group, VerdictRule
from tests.grading.programs.packages import ADD, NEAR, package, plain, scored

F = Fraction
POINTS = st.integers(0, 4000).map(lambda quarters: F(quarters, 4))
BYTES = st.binary(max_size=30)
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"], include_characters="\n"),
    max_size=30,
)
NAMES = st.lists(st.sampled_from(["a", "b", "c1", "c2", "d-e"]), min_size=1, max_size=4, unique=True).map(sorted)
TOKENS = st.builds(
    Tokens,
    st.booleans(),
    st.booleans(),
    st.none() | st.decimals("0.0001", "1", places=4),
    st.none() | st.decimals("0", "1", places=4),
)
LIMITS = st.builds(
    ProblemLimits,
    seconds=st.none() | st.integers(1, 40).map(lambda one: one / 4),
    memory_mib=st.integers(16, 4096),
    output_mib=st.integers(1, 64),
    passes=st.integers(2, 9),
)
SILENT: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("sample",)])
AUTHORS = st.builds(
    Author,
    st.just(Program("python", {"check.py": NEAR}, "check.py")),
    st.sampled_from(["checker", "interactor"]),
)


@st.composite
def made_tests(draw: st.DrawFn, names: list[str], judged: Author | None, compare: Comparison) -> tuple[OneTest, ...]:
    made = []
    for name in names:
        args = tuple(draw(st.lists(st.sampled_from(["x", "a b", "--n=1"]), max_size=2))) if judged else ()
        made.append(
            OneTest(name, draw(BYTES), draw(BYTES), name.startswith("sample/"), compare=compare, checker_args=args)
        )
    return tuple(made)


@st.composite
def modern_problems(draw: st.DrawFn) -> Problem:
    """Everything that the 2023-07 format says: pass or fail, groups with sums, minima and all or nothing."""
    author = draw(st.none() | AUTHORS)
    compare = DEFAULT if author else draw(TOKENS)
    scoring = draw(st.booleans())
    folders = draw(NAMES) if scoring else [""]
    samples = [f"sample/{name}" for name in draw(NAMES)]
    names = {folder: [f"secret/{folder}/{name}".replace("//", "/") for name in draw(NAMES)] for folder in folders}
    sample = Group("sample", tuple(Case(name) for name in samples))
    if scoring:
        groups = tuple(draw(modern_groups(f"secret/{folder}", names[folder])) for folder in folders)
        total = sum((group.most or F(0) for group in groups), F(0))
        secret = Group("secret", groups, "sum", points=total, most=total)
        tree = Group("data", (sample, secret), uncounted=("sample",))
    else:
        tree = Group("data", (sample, Group("secret", tuple(Case(name) for name in names[""]))))
    tests = draw(made_tests(samples + [name for folder in folders for name in names[folder]], author, compare))
    files = draw(st.sampled_from([{"a.py": ADD}, {"a.py": ADD, "b.py": b"x = 1\n"}]))
    name = "accepted/a.py" if len(files) == 1 else "accepted/many"
    submission = Submission(name, Sources(files), (MODERN["accepted"],))
    return Problem(
        "Sum", tests, tree, author, scoring=scoring, multi_pass=author is not None and draw(st.booleans()),
        limits=draw(LIMITS.map(lambda one: one)), statement=draw(TEXT), submissions=(submission,),
        include=draw(st.sampled_from([{}, {"python": {"helper.py": b"y = 2\n"}}])), stop_early=False,
    )  # fmt: skip


@st.composite
def modern_groups(draw: st.DrawFn, name: str, tests: list[str]) -> Group:
    most = draw(POINTS) * len(tests)
    aggregate: Aggregate = draw(st.sampled_from(["all", "sum", "min"]))
    each = most / len(tests) if aggregate == "sum" else most
    cases = tuple(Case(test, each, most=None if aggregate == "all" else each) for test in tests)
    return Group(name, cases, aggregate, points=most, most=most)


@given(modern_problems())
@settings(max_examples=60, deadline=None)
def test_modern_kattis(problem: Problem) -> None:
    problem = Problem(**{**vars(problem), "limits": ProblemLimits(**{**vars(problem.limits), "to_slowest": 2.0})})
    files = write_kattis(problem)
    assert difference_of(problem, read_kattis(Package("Sum", files), "kattis")) is None
    assert difference_of(problem, read_kattis(read_archive(zipped(files), "sum.zip"), "kattis")) is None


@st.composite
def legacy_problems(draw: st.DrawFn) -> Problem:
    author = draw(st.none() | AUTHORS)
    compare = DEFAULT if author else draw(TOKENS)
    flags = ("x", "a b") if author and draw(st.booleans()) else ()
    samples = [f"sample/{name}" for name in draw(NAMES)]
    folders = draw(NAMES)
    names = {folder: [f"secret/{folder}/{name}" for name in draw(NAMES)] for folder in folders}

    def group(name: str, members: tuple[Group | Case, ...], uncounted: tuple[str, ...] = ()) -> Group:
        aggregate: Aggregate = draw(st.sampled_from(["sum", "min", "max", "avg"]))
        rule: VerdictRule = draw(st.sampled_from(["first", "worst", "accept"]))
        most = draw(st.none() | st.just(F(10**6)))
        return Group(
            name,
            members,
            aggregate,
            most=most,
            verdict=rule,
            any_accepted=draw(st.booleans()),
            stop=draw(st.booleans()),
            uncounted=uncounted,
        )

    def cases(tests: list[str]) -> tuple[Case, ...]:
        points = draw(POINTS)
        return tuple(Case(test, points) for test in tests)

    secret = group("secret", tuple(group(f"secret/{folder}", cases(names[folder])) for folder in folders))
    tree = group("data", (group("sample", cases(samples)), secret), draw(SILENT))
    all_names = samples + [name for folder in folders for name in names[folder]]
    tests = tuple(
        OneTest(name, draw(BYTES), draw(BYTES), name in samples, compare=compare, checker_args=flags)
        for name in all_names
    )
    return Problem(
        "Sum",
        tests,
        tree,
        author,
        scoring=draw(st.booleans()),
        limits=ProblemLimits(memory_mib=draw(st.integers(16, 999))),
    )


@given(legacy_problems())
@settings(max_examples=60, deadline=None)
def test_legacy_kattis(problem: Problem) -> None:
    files = write_kattis(problem, legacy=True)
    assert difference_of(problem, read_kattis(Package("Sum", files), "kattis")) is None


COMPARISONS: st.SearchStrategy[Comparison] = st.sampled_from(
    [
        Lines(by_words=True), Lines(), Exact(strict=True), Unordered("letters"), Unordered("lines"), Unordered("words"),
        Tokens(absolute=Decimal("1E-6"), relative=Decimal("1E-6")), Tokens(absolute=Decimal("1E-3")), Tokens(relative=Decimal("1E-9")),
    ]
)  # fmt: skip


@st.composite
def dmoj_problems(draw: st.DrawFn) -> Problem:
    protocol: Protocol = draw(st.sampled_from(["plain", "testlib", "coci"]))
    program = Program("python", {"check.py": NEAR, "more.py": b""}, "check.py")
    author = draw(
        st.none() | st.sampled_from([Author(program, "checker", protocol), Author(program, "interactor", protocol)])
    )
    compare = Lines(by_words=True) if author else draw(COMPARISONS)
    groups: list[Group] = []
    batches: list[str] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        batched = draw(st.booleans())
        points = draw(POINTS) + F(1, 4)
        names = [f"{number}/{at}" for at in range(1, draw(st.integers(1, 3)) + 1)] if batched else [str(number)]
        needed = draw(st.sampled_from(["", *batches]))
        requires = (needed,) if needed else ()
        cases = tuple(Case(name, points, most=points) for name in names)
        groups.append(
            Group(f"group {number}", cases, "min" if batched else "sum", verdict="worst", stop=True, requires=requires)
        )
        batches += [f"group {number}"] * batched
    tests = tuple(
        OneTest(case.name, draw(BYTES), draw(BYTES), compare=compare) for group in groups for case in group.cases()
    )
    limits = ProblemLimits(
        seconds=draw(st.integers(1, 9)) / 2, memory_mib=draw(st.integers(1, 999)), output_mib=draw(st.integers(1, 64))
    )
    return Problem(
        "sum", tests, Group("data", tuple(groups), verdict="worst"), author, scoring=True, limits=limits, flavour="dmoj"
    )


@given(dmoj_problems())
@settings(max_examples=60, deadline=None)
def test_dmoj(problem: Problem) -> None:
    assert difference_of(problem, read_dmoj(Package("sum", write_dmoj(problem)))) is None


@st.composite
def coderunner_problems(draw: st.DrawFn) -> Problem:
    language, file, coded = draw(
        st.sampled_from(
            [
                ("c", "main.c", False),
                ("java", "Main.java", False),
                ("python", "answer.py", True),
                ("python", "answer.py", False),
            ]
        )
    )
    count = draw(st.integers(1, 4))
    points, whole = draw(POINTS) + 1, draw(st.booleans())
    shared = draw(st.sampled_from([{}, {"data.bin": b"\0\xff"}]))
    codes = [draw(TEXT).encode() if coded else b"" for _ in range(count)]
    tests = tuple(
        OneTest(
            str(number), draw(TEXT).encode(), draw(TEXT).encode(), draw(st.booleans()),
            files={**shared, **({TEST_CODE: code} if code.strip() else {})},
            compare=Lines(),
        )
        for number, code in enumerate(codes, 1)
    )  # fmt: skip
    # Marks are shares of the points; these add up to them exactly.
    tree = Group(
        "all",
        tuple(Case(test.name, points / 4 * 4 / count) for test in tests),
        "all" if whole else "sum",
        points=points,
    )
    answer = draw(TEXT)
    submissions = (
        (Submission("accepted/answer", Sources({file: answer.encode()}, language), (LEGACY["accepted"],)),)
        if answer.strip()
        else ()
    )
    return Problem(
        "Sum of two", tests, tree, scoring=True, limits=ProblemLimits(seconds=draw(st.integers(1, 9)) / 2, memory_mib=draw(st.integers(1, 999))),
        languages=(language,), include={"python": {DRIVER_NAME: DRIVER}} if coded else {}, submissions=submissions,
        statement=draw(TEXT).strip(), flavour="coderunner", stop_early=False,
    )  # fmt: skip


@given(coderunner_problems())
@settings(max_examples=60, deadline=None)
def test_coderunner(problem: Problem) -> None:
    try:
        data = write_coderunner(problem)
    except NotSupported as refused:
        # A third of the points is no decimal number, and CodeRunner's marks are.
        assert "decimal" in refused.message, refused  # noqa: PT017
        return
    (found,) = read_coderunner(data, "x.xml")
    assert isinstance(found, Problem)
    assert difference_of(problem, found) is None


@pytest.mark.parametrize(
    ("files", "difference"),
    [(plain(), "tree|limits|submissions"), (scored(), "all or nothing|tree")],
)
def test_what_a_format_cannot_say_is_refused(files: dict[str, bytes | str], difference: str) -> None:
    """DOMjudge's all-or-nothing groups are no groups of the legacy format, and both have no place in DMOJ's."""
    problem = read_kattis(package(files))
    if problem.scoring:
        with pytest.raises(NotSupported, match=difference):
            write_kattis(problem, legacy=True)
    with pytest.raises(NotSupported):
        write_dmoj(problem)
    with pytest.raises(NotSupported):
        write_coderunner(problem)


@given(st.integers(-(10**6), 10**6), st.sampled_from([1, 2, 4, 5, 8, 10, 100, 1000]))
@settings(max_examples=60, deadline=None)
def test_exact_numbers(number: int, places: int) -> None:
    value = F(number, places)
    assert F(str(exact(value))) == value


def test_a_third_is_no_decimal() -> None:
    with pytest.raises(NotSupported):
        exact(F(1, 3))
