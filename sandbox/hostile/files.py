"""Rows 25 and 28 to 33: files that somebody may trust afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sandbox.engines.base import Engine
from sandbox.errors import InvalidJob
from sandbox.hostile.probe import FINE, Attempt, Probe
from sandbox.job import MAX_FILES, MAX_JOB_BYTES, Interaction, Job, Limits, Outcome, Run

LEFT: Final = {"honest": {"out.txt": b"fine", "deep/out.txt": b"fine"}, "hard link": {"out.txt": b"the job's own"}}
BAD_NAMES: Final = (
    "", "/etc/passwd", "../escape", "a/../../b", "a//b", "a/", "./a", "..", ".", ".program", ".ssh/id", "-o", "a/-x",
    "a\0b", "a\nb", "a\x1b[2J", "a\\b", "photo\u202egpj.py", "\u2066x", "\ufeffx", "\ud800", "x" * 101, "/".join(["x" * 90] * 3),
    "a/b/c/d/e/f/g/h/i",
)  # fmt: skip
BAD_LIMITS: Final[tuple[dict[str, Any], ...]] = tuple(
    {name: value}
    for name in ("cpu_seconds", "wall_seconds", "memory_bytes", "pids", "output_bytes", "file_bytes")
    for value in (0, -1, float("nan"), float("inf"), 1e30, True, "1", None, 10**18)
)


def _only_what_was_asked(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.files:
            yield f"{one.name}: files {sorted(one.files)} came back unasked"


def _plain_files_only(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        want = LEFT.get(one.name, {})
        strange = {name: data for name, data in one.files.items() if want.get(name) != data}
        if strange or (one.name == "honest" and one.files != want):
            yield f"{one.name}: {[(name, data[:40]) for name, data in one.files.items()]} came back"


def _input_unchanged(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.name == "read" and one.stdout != b"the input\nthe data\n":
            yield f"the next test read {one.stdout[:100]!r}"


def _same_start(outcome: Outcome) -> Iterator[str]:
    said = {one.stdout for one in outcome.runs if one.name in ("first", "second")}
    if len(said) != 1 or b"" in said:
        yield f"the second run started otherwise than the first: {said}"


def _as_written(outcome: Outcome) -> Iterator[str]:
    """The last word is the harness's; without it the answer is incomplete, whatever the exit code says."""
    whole = {"frames", "equal", "builtins"}
    for one in outcome.runs:
        if one.name.startswith("after"):
            continue
        if (b"end of harness" in one.stdout) != (one.name in whole) or b"passed all" in one.stdout:
            yield f"{one.name}: {one.stdout[:200]!r} {one.stderr[-200:]!r}"


def _refused_before_it_runs(_engine: Engine) -> Iterator[str]:
    """At this level an archive is its names and sizes; the reader of archives has tests of its own."""
    good: dict[str, Any] = {"language": "python", "files": {"main.py": b""}, "entry": "main.py", "runs": (Run("one"),)}
    changes: list[dict[str, Any]] = [
        {"files": {}},
        {"entry": "other.py"},
        {"language": "brainfuck"},
        {"runs": ()},
        {"runs": (Run("one"), Run("one"))},
        {"runs": tuple(Run(str(n)) for n in range(1001))},
        {"files": {"main.py": b"", "a": b"", "a/b": b""}},
        {"files": {"main.py": b"", **{str(n): b"" for n in range(MAX_FILES)}}},
        {"files": {"main.py": bytes(MAX_JOB_BYTES + 1)}},
        {"collect": ("a", "a")},
        {"collect": tuple(map(str, range(100)))},
    ]
    for name in BAD_NAMES:
        changes += [{"files": {"main.py": b"", name: b""}}, {"collect": (name,)}]
    for change in changes:
        shown = str({key: list(value)[:4] if isinstance(value, dict) else value for key, value in change.items()})[:100]
        yield from _refused(shown, lambda change=change: Job(**{**good, **change}))  # type: ignore[misc]
    for name in BAD_NAMES:
        yield from _refused(f"file {name[:30]!r} of a run", lambda name=name: Run("one", files={name: b""}))  # type: ignore[misc]
    for limit in BAD_LIMITS:
        yield from _refused(str(limit), lambda limit=limit: Limits(**limit))  # type: ignore[misc]
    yield from _refused("a NUL in an argument", lambda: Run("one", args=("a\0b",)))
    yield from _refused(
        "unequal sides", lambda: Interaction(Job(**good), Job(**{**good, "runs": (Run("a"), Run("b"))}))
    )


def _refused(what: str, make: Callable[[], object]) -> Iterator[str]:
    try:
        make()
    except InvalidJob:
        return
    yield f"not refused: {what}"


TRAPS_C: Final = Attempt(
    r"""
    int main(void) {
        const char *names[] = {".program", "main.c"};
        for (int i = 0; i < 2; i++) {
            unlink(names[i]);
            if (is("symlink")) symlink("/etc/passwd", names[i]);
            if (is("dangling")) symlink("/tmp/nowhere", names[i]);
            if (is("loop")) symlink(names[i], names[i]);
            if (is("pipe")) mkfifo(names[i], 0600);
            if (is("folder")) mkdir(names[i], 0), chmod(names[i], 0);
            if (is("hard link")) link("/etc/passwd", names[i]);
            if (is("device") && mknod(names[i], S_IFCHR | 0600, 0x103) == 0) puts("OPEN: device");
            if (is("whiteout")) mknod(names[i], S_IFCHR | 0600, 0); /* the one device that needs no privilege */
            if (is("socket")) {
                struct sockaddr_un address = {.sun_family = AF_UNIX};
                strcpy(address.sun_path, names[i]);
                bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
            }
            if (is("other program")) close(open(names[i], O_CREAT | O_WRONLY, 0000));
        }
        chmod("/work", 0);
        puts("held");
    }
    """,
    FINE,
    language="c",
    ways=(
        "symlink",
        "dangling",
        "loop",
        "pipe",
        "folder",
        "hard link",
        "device",
        "whiteout",
        "socket",
        "other program",
    ),
)

PROBES: Final = (
    Probe(
        25,
        "write the result oneself",
        "Leave result files, score files and logs wherever a grader might look.",
        "Nobody looks: nothing comes back but what was asked for, and the verdict is measured outside.",
        (
            Attempt(
                """
                for folder in ("/work", "/tmp", "/dev/shm", "/results", "/autograder/results", "/logs/verifier", "/"):
                    for name in ("results.json", "score", "reward.txt", "feedback.txt", "junit.xml", ".result", "verdict"):
                        try:
                            os.makedirs(folder, exist_ok=True)
                            with open(f"{folder}/{name}", "w") as file: file.write('{"score": 100, "passed": true}')
                        except OSError: pass
                """,
                check=_only_what_was_asked,
            ),
        ),
    ),
    Probe(
        28,
        "break the test harness",
        "In one process with a harness: exit early, patch what it calls, search its frames, compare equal to everything.",
        "The harness's last word is missing or honest; nothing to compare with is in the process.",
        (
            Attempt(
                """
                import solution
                answer = solution.solve(41)
                print("answer", repr(answer))
                print("end of harness")
                """,
                says=None,
                ways=("exit", "at once", "at exit", "kill", "frames", "equal", "builtins"),
                files={
                    "solution.py": b"""
import atexit, builtins, gc, os, sys
def solve(n):
    way = sys.argv[1]
    if way == "exit": sys.exit(0)
    if way == "at once": os._exit(0)
    if way == "at exit": atexit.register(os._exit, 0); atexit.register(print, "passed", "nothing"); sys.exit(0)
    if way == "kill":
        import threading
        threading.Thread(target=os._exit, args=(0,)).start()
        while True: pass
    if way == "builtins": builtins.len = lambda _: 42
    if way == "frames":
        frame, seen = sys._getframe(), []
        while frame:
            seen += [repr(one) for one in (*frame.f_locals.values(), *frame.f_globals.values())]
            frame = frame.f_back
        if any("expected" in one for one in seen): print("OPEN: expected answers")
    if way == "equal": return type("Same", (), {"__eq__": lambda *_: True, "__hash__": lambda _: 1, "__repr__": lambda _: "42"})()
    return n + 1
"""
                },
                check=_as_written,
            ),
        ),
    ),
    Probe(
        29,
        "traps for the judge's own files",
        "Put a link, a pipe, a socket, a folder or a device where the judge will write or read next.",
        "Nothing is followed: the next run has its own files.",
        (
            TRAPS_C,
            Attempt(
                """
                os.remove("/work/main.py")
                os.symlink("/etc/passwd", "/work/main.py")
                os.symlink("/", "/tmp/root")
                os.mkfifo("/work/.program")
                os.mkdir("/tmp/deep")
                os.chdir("/tmp/deep")
                for _ in range(2000):
                    os.mkdir("d" * 200)
                    os.chdir("d" * 200)
                os.chmod("/tmp/deep", 0)
                os.chmod("/work", 0)
                """
            ),
        ),
    ),
    Probe(
        30,
        "output files that are none",
        "Where an output file is asked for, leave a link, a pipe, a folder, a hole of a gigabyte, too much.",
        "Plain files within the limit come back; everything else is as good as absent, and nobody waits.",
        (
            Attempt(
                """
                os.makedirs("/work/deep", exist_ok=True)
                if way == "symlink": os.symlink("/etc/passwd", "out.txt"); os.rmdir("deep"); os.symlink("/etc", "deep")
                elif way == "to self": os.symlink("data.txt", "out.txt")
                elif way == "hard link": os.link("data.txt", "out.txt"); closed("hard link", lambda: os.link("/etc/passwd", "deep/out.txt"))
                elif way == "pipe": os.mkfifo("out.txt"); os.mkfifo("deep/out.txt")
                elif way == "folder": os.mkdir("out.txt"); os.mkdir("deep/out.txt")
                elif way == "socket": socket.socket(socket.AF_UNIX).bind("out.txt")
                elif way == "hole": os.truncate(os.open("out.txt", os.O_CREAT | os.O_WRONLY), 15 << 20)
                elif way == "closed": open("out.txt", "w").write("secret"); os.chmod("out.txt", 0); os.remove("out.txt"); os.chmod("deep", 0)
                elif way == "many": [open(f"out{n}", "w").close() for n in range(8000)]
                elif way == "much": open("out.txt", "wb").write(bytes(900_000)); open("deep/out.txt", "wb").write(bytes(900_000)); os.remove("out.txt"); os.remove("deep/out.txt")
                else:
                    for name in ("out.txt", "deep/out.txt"): open(name, "w").write("fine")
                """,
                ways=(
                    "symlink",
                    "to self",
                    "hard link",
                    "pipe",
                    "folder",
                    "socket",
                    "hole",
                    "closed",
                    "many",
                    "much",
                    "honest",
                ),
                files={"data.txt": b"the job's own"},
                collect=("out.txt", "deep/out.txt"),
                check=_plain_files_only,
            ),
        ),
    ),
    Probe(
        31,
        "names and sizes",
        "Hand in paths that climb, names that deceive, a million entries, too much data, limits of zero.",
        "A clear error before anything runs.",
        scenario=_refused_before_it_runs,
    ),
    Probe(
        32,
        "rewrite the input",
        "Write into standard input and the data files, by each of their names.",
        "The next test reads what it was given.",
        (
            Attempt(
                """
                if way == "read": print(sys.stdin.readline() + open("data.txt").read(), end="")
                else:
                    for path in ("/dev/stdin", "/proc/self/fd/0"):
                        closed(path, lambda: os.write(os.open(path, os.O_WRONLY), b"forged"))
                        closed(path, lambda: os.truncate(path, 0))
                    closed("standard input", lambda: os.write(0, b"forged"))
                    os.remove("data.txt")
                    open("data.txt", "w").write("forged")
                """,
                says=None,
                ways=("rewrite", "read"),
                stdin=b"the input\n",
                files={"data.txt": b"the data\n"},
                check=_input_unchanged,
            ),
        ),
    ),
    Probe(
        33,
        "leave something behind",
        "Change files, environment, limits, niceness, mask and folder for whoever comes next.",
        "The next test starts exactly as the first did.",
        (
            Attempt(
                """
                os.umask(os.umask(0))
                mask = os.umask(0)
                limits = [resource.getrlimit(one) for one in range(16)]
                print(sorted(os.environ.items()), os.getcwd(), mask, limits, os.nice(0), sorted(os.sched_getaffinity(0)),
                      sorted(os.listdir("/work")), sorted(os.listdir("/tmp")), os.stat("/work").st_mode, os.stat("/tmp").st_mode,
                      open("/work/main.py").read() == open(sys.argv[0]).read(), os.getsid(0) == os.getpid(), flush=True)
                for folder in ("/work", "/tmp", "/dev/shm"):
                    for name in ("main.pyc", ".hidden", "sitecustomize.py", "usercustomize.py", "ctypes.py"):
                        try: open(f"{folder}/{name}", "w").write("raise SystemExit('forged')")
                        except OSError: pass
                    os.chmod(folder, 0o777)
                open("/work/main.py", "w").write("print('forged')")
                os.makedirs("/tmp/.local/lib/python3/site-packages", exist_ok=True)
                os.nice(10)
                resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
                """,
                says=None,
                ways=("first", "second"),
                check=_same_start,
            ),
        ),
    ),
)
