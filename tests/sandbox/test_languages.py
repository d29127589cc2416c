"""Each language compiles once, runs many times, and refuses what is no program; on a real engine where its image is made."""

import pytest

from deploy.families import AT_ONCE, FAMILIES
from sandbox.engines.docker import DockerEngine
from sandbox.errors import ImageMissing
from sandbox.job import MIB, Job, Limits, Outcome, Run, Verdict
from sandbox.languages import LANGUAGES, Language
from sandbox.run import run

MADE_AT_ONCE = [language for language in LANGUAGES.values() if language.family in AT_ONCE]
LATER = [language for language in LANGUAGES.values() if language.family not in AT_ONCE]


def limits_of(language: Language) -> Limits:
    return Limits(5, 20, max(256 * MIB, language.least_memory), max(64, language.least_pids))


def ran(engine: DockerEngine, language: Language, source: bytes, *runs: Run, **files: bytes) -> Outcome:
    job = Job(language.name, {language.main: source, **files}, language.main, runs, limits_of(language))
    try:
        return run(job, engine)
    except ImageMissing:
        if language.family in AT_ONCE:
            raise
        pytest.skip(f"the image for {language.title} is not made: python3 deploy/runner_image.py {language.family}")


def test_every_language_has_an_image_and_a_name_of_its_own() -> None:
    suffixes = [suffix for language in LANGUAGES.values() for suffix in language.suffixes]
    assert len(suffixes) == len(set(suffixes))
    for name, language in LANGUAGES.items():
        assert name == language.name
        assert language.family in FAMILIES
        assert language.main.endswith(language.suffix)
    assert {language.family for language in LANGUAGES.values()} == set(FAMILIES)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.name)
def test_no_name_of_a_file_is_an_option(language: Language) -> None:
    names = (language.main, f"@x{language.suffix}", f"a=b{language.suffix}")
    command = language.compile(language.main, names)
    assert not set(names[1:]) & set(command)


@pytest.mark.docker
@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.name)
def test_a_program_says_hello(engine: DockerEngine, language: Language) -> None:
    outcome = ran(engine, language, language.hello.source, *(Run(f"t{n}", language.hello.stdin) for n in range(2)))
    assert [one.verdict for one in outcome.runs] == [Verdict.OK] * 2, (outcome.compile_log, outcome.runs[0].stderr)
    assert {one.stdout for one in outcome.runs} == {language.hello.stdout}
    assert outcome.engine.tools, "the result names the tools"


@pytest.mark.docker
@pytest.mark.parametrize("language", [one for one in LANGUAGES.values() if one.name != "sql"], ids=lambda one: one.name)
def test_what_is_no_program_does_not_compile(engine: DockerEngine, language: Language) -> None:
    outcome = ran(engine, language, b"if then (((\n", Run("one"))
    assert outcome.runs[0].verdict is Verdict.COMPILE_ERROR
    assert outcome.compile_log


@pytest.mark.docker
def test_a_second_file_is_compiled_too(engine: DockerEngine) -> None:
    main = b'int twice(int);\n#include <cstdio>\nint main() { std::printf("%d\\n", twice(21)); }\n'
    job = Job(
        "cpp", {"main.cpp": main, "twice.cpp": b"int twice(int n) { return 2 * n; }\n"}, "main.cpp", (Run("one"),)
    )
    assert run(job, engine).runs[0].stdout == b"42\n"


@pytest.mark.docker
def test_a_second_file_that_is_none_is_found(engine: DockerEngine) -> None:
    files = {"main.js": b"require('./other.js');\n", "other.js": b"function (\n"}
    job = Job("javascript", files, "main.js", (Run("one"),), Limits(pids=64))
    assert run(job, engine).runs[0].verdict is Verdict.COMPILE_ERROR


@pytest.mark.docker
def test_types_are_checked(engine: DockerEngine) -> None:
    outcome = ran(engine, LANGUAGES["typescript"], b'const n: number = "text";\nconsole.log(n);\n', Run("one"))
    assert outcome.runs[0].verdict is Verdict.COMPILE_ERROR
    assert "not assignable" in outcome.compile_log


SQL_SETUP = b"create table t (n integer, s text); insert into t values (1, 'a'), (2, null), (3, 'x\ty');"


@pytest.mark.docker
@pytest.mark.parametrize(
    ("statements", "printed", "verdict"),
    [
        (b"select n, s from t order by n;", b"n\ts\n1\ta\n2\t\n3\tx\\ty\n", Verdict.OK),
        (b"update t set n = n + 1; select max(n) from t", b"max(n)\n4\n", Verdict.OK),
        (b"select 1.0 as x, 0.5 as y, x'00ff' as z;", b"x\ty\tz\n1.0\t0.5\tx'00ff'\n", Verdict.OK),
        (b"select 'a;b' as s; -- a comment; here\nselect 2;", b"s\na;b\n2\n2\n", Verdict.OK),
        (b"select nothing from t;", b"", Verdict.RUNTIME_ERROR),
        (b"attach '/tmp/x' as y;", b"", Verdict.RUNTIME_ERROR),
        (b"select load_extension('x');", b"", Verdict.RUNTIME_ERROR),
        (b"pragma journal_mode = wal;", b"", Verdict.RUNTIME_ERROR),
        (b"vacuum into '/work/copy';", b"", Verdict.RUNTIME_ERROR),
    ],
)
def test_a_throw_away_database(engine: DockerEngine, statements: bytes, printed: bytes, verdict: Verdict) -> None:
    one = ran(engine, LANGUAGES["sql"], statements, Run("one", SQL_SETUP)).runs[0]
    assert (one.verdict, one.stdout) == (verdict, printed), one.stderr


@pytest.mark.docker
def test_a_java_program_in_a_package_starts(engine: DockerEngine) -> None:
    source = b'package deep.down;\npublic class Main { public static void main(String[] a) { System.out.println("there"); } }\n'
    assert ran(engine, LANGUAGES["java"], source, Run("one")).runs[0].stdout == b"there\n"


@pytest.mark.docker
def test_a_java_program_without_a_start_does_not_compile(engine: DockerEngine) -> None:
    outcome = ran(engine, LANGUAGES["java"], b"public class Main { }\n", Run("one"))
    assert outcome.runs[0].verdict is Verdict.COMPILE_ERROR
    assert "nothing to start" in outcome.compile_log


@pytest.mark.docker
def test_an_empty_java_source_is_told_what_is_missing(engine: DockerEngine) -> None:
    outcome = ran(engine, LANGUAGES["java"], b"", Run("one"))
    assert outcome.runs[0].verdict is Verdict.COMPILE_ERROR
    assert outcome.compile_log == "There is no class Main; the first file is named after the class that has main."


@pytest.mark.docker
def test_a_python_module_beside_the_entry_is_checked_too(engine: DockerEngine) -> None:
    job = Job("python", {"main.py": b"import other\n", "other.py": b"def (\n"}, "main.py", (Run("one"), Run("two")))
    outcome = run(job, engine)
    assert [one.verdict for one in outcome.runs] == [Verdict.COMPILE_ERROR] * 2
    assert "other.py" in outcome.compile_log
    assert "Traceback" not in outcome.compile_log
    for source in (b"\0", b"# coding: nonsense\n", b"\xff"):
        assert ran(engine, LANGUAGES["python"], source, Run("one")).runs[0].verdict is Verdict.COMPILE_ERROR


@pytest.mark.docker
@pytest.mark.parametrize("set_up", [b"create table (;", b"\xff", b"select '\0';", b"insert into nowhere values (1);"])
def test_a_broken_set_up_is_not_the_programs_fault(engine: DockerEngine, set_up: bytes) -> None:
    bad, good = ran(engine, LANGUAGES["sql"], b"select 1;", Run("bad", set_up), Run("good")).runs
    assert bad.verdict is Verdict.SET_UP_FAILED
    assert b"set-up failed" in bad.stderr
    assert good.verdict is Verdict.OK


@pytest.mark.docker
def test_no_statement_can_make_the_set_up_look_broken(engine: DockerEngine) -> None:
    for text in (b"select raise(abort, 'x');", b"select 1/0, '\0", b"create table (;", b"\xff", b".exit 3"):
        assert ran(engine, LANGUAGES["sql"], text, Run("one")).runs[0].verdict is Verdict.RUNTIME_ERROR


@pytest.mark.docker
def test_a_go_package_that_is_not_main_does_not_compile(engine: DockerEngine) -> None:
    outcome = ran(engine, LANGUAGES["go"], b"package other\n\nfunc main() {}\n", Run("one"))
    assert outcome.runs[0].verdict is Verdict.COMPILE_ERROR
    assert "must be called main" in outcome.compile_log
