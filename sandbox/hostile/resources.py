"""Rows 1 to 6, 40 and 43: processes, threads, memory, stacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sandbox.hostile.probe import BRIEF, BURNING, FAILED, FINE, FULL, LIMITS, ROOMY, TIMED, Attempt, Probe
from sandbox.job import MIB, Outcome, Verdict

SAMPLE_SLACK: Final = 8 * MIB  # what a program can take between two looks of the supervisor at a megabyte per 3 ms


def _few(outcome: Outcome) -> Iterator[str]:
    said = outcome.runs[0].stdout.strip()
    if not said.isdigit() or not 1 <= int(said) <= LIMITS.pids:
        yield f"it had {said!r} children, {LIMITS.pids} were allowed"


def _charged(outcome: Outcome) -> Iterator[str]:
    if outcome.runs[0].cpu_seconds < 0.19:
        yield f"a daemon's processor time is missing: {outcome.runs[0].cpu_seconds:.3f} s were counted"


def _close(outcome: Outcome) -> Iterator[str]:
    peak, limit = outcome.runs[0].peak_bytes, LIMITS.memory_bytes
    if not limit <= peak <= limit + SAMPLE_SLACK:
        yield f"a peak of {peak / MIB:.1f} MiB at a limit of {limit / MIB:.0f}"


def _all_threads(outcome: Outcome) -> Iterator[str]:
    used, limit = outcome.runs[0].cpu_seconds, BRIEF.cpu_seconds
    if not limit <= used <= limit + 2:  # a busy machine looks late
        yield f"16 threads were charged {used:.3f} s at a limit of {limit} s"


PROBES: Final = (
    Probe(
        1,
        "fork bomb",
        "Start processes or threads without end.",
        "It never has more than its share, its time runs out, and nothing of it lives on.",
        (
            Attempt(
                "while True:\n    try: os.fork()\n    except OSError: pass\n", (*TIMED, *FAILED), None, limits=BRIEF
            ),
            Attempt("int main(void) { for (;;) fork(); }\n", (*TIMED, *FAILED), None, "c", BRIEF),
            Attempt(
                """
                count = 0
                try:
                    while True:
                        if os.fork() == 0: time.sleep(60)
                        count += 1
                except OSError: print(count, flush=True)
                """,
                says=None,
                check=_few,
            ),
            Attempt("bomb() { bomb | bomb & }\nbomb\nwait\n", (*TIMED, *FAILED, *FINE, *FULL), None, "bash", BRIEF),
            Attempt(
                """
                public class Main {
                    public static void main(String[] args) {
                        while (true) new Thread(() -> {
                            while (true) try { Thread.sleep(1000); } catch (InterruptedException stop) { }
                        }).start();
                    }
                }
                """,
                (*TIMED, *FAILED, *FULL),
                None,
                "java",
                replace(ROOMY, wall_seconds=4),
            ),
        ),
    ),
    Probe(
        2,
        "daemon that outlives the answer",
        "Detach a process from the session, print the right answer and end.",
        "The answer counts, the daemon is dead before the next test, and its processor time is charged.",
        (
            Attempt(
                """
                told, tell = os.pipe()
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        while time.process_time() < 0.2: pass
                        os.write(tell, b"x")
                        while True: pass
                    os._exit(0)
                os.wait()
                os.read(told, 1)
                os.write(1, b"42\\n")
                os._exit(0)
                """,
                says=b"42\n",
                limits=replace(LIMITS, wall_seconds=40),
                check=_charged,
            ),
            Attempt(
                """
                if os.fork() == 0:
                    os.setsid()
                    for _ in range(4):
                        if os.fork() == 0:
                            while True:
                                open(f"/tmp/{os.getpid()}{time.time_ns()}", "w").close()
                    os._exit(0)
                os.wait()
                time.sleep(0.05)
                """
            ),
        ),
    ),
    Probe(
        3,
        "children that work for an idle parent",
        "Let orphans burn the processor while the parent sleeps.",
        "Their time is added up, and the sum meets the limit.",
        (
            Attempt(
                """
                for _ in range(2):
                    if os.fork() == 0:
                        if os.fork(): os._exit(0)
                        while True: pass
                time.sleep(60)
                """,
                (Verdict.TIME_LIMIT,),
                None,
                limits=BURNING,
            ),
        ),
    ),
    Probe(
        4,
        "zombies and orphans",
        "Never wait for dead children, and leave a thousand orphans to process 1.",
        "Process 1 buries them all.",
        (
            Attempt(
                """
                int main(void) {
                    for (pid_t child = 1; child > 0;) if ((child = fork()) == 0) _exit(0);
                    while (waitpid(-1, NULL, 0) > 0) continue;
                    for (int i = 0; i < 1000; i++) {
                        pid_t child = fork();
                        if (child == 0) {
                            if (fork() == 0) usleep(300);
                            _exit(0);
                        }
                        if (child < 0) usleep(1000);
                        else waitpid(child, NULL, 0);
                    }
                    for (int tries = 0; tries < 100; tries++) { /* there must be room for a child again */
                        pid_t child = fork();
                        if (child == 0) _exit(0);
                        if (child > 0) return waitpid(child, NULL, 0) != child || puts("held") < 0;
                        usleep(10000);
                    }
                    return 1;
                }
                """,
                FINE,
                language="c",
            ),
        ),
    ),
    Probe(
        5,
        "memory bomb",
        "Take memory without end: at once, page by page, or spread over children.",
        "The limit ends it, and the peak that is reported is near the limit.",
        (
            Attempt("hoard = []\nwhile True: hoard.append(bytearray(1 << 20))\n", FULL, None),
            Attempt(
                """
                int main(void) {
                    char *hoard = mmap(NULL, 4ull << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                    for (size_t at = 0; at < 4ull << 30; at += 4096) {
                        hoard[at] = 1;
                        if (at % (1 << 20) == 0) nanosleep(&(struct timespec){0, 3000000}, NULL);
                    }
                }
                """,
                FULL,
                None,
                "c",
                check=_close,
            ),
            Attempt(
                """
                for _ in range(6):
                    if os.fork() == 0:
                        hoard = bytearray(30 << 20)
                        time.sleep(60)
                time.sleep(60)
                """,
                FULL,
                None,
            ),
            Attempt(
                "with recursive hoard(n, bytes) as (select 1, randomblob(1000000) union all select n + 1, randomblob(1000000) from hoard)\n"
                "select count(*) from (select * from hoard order by bytes);\n",
                (*FULL, *FAILED, *TIMED),
                b"",
                "sql",
            ),
        ),
        alone=True,
    ),
    Probe(
        6,
        "huge but untouched",
        "Reserve far more memory than the limit, and touch none of it; then all of it.",
        "What is not touched is not charged; what is touched is.",
        (
            Attempt(
                """
                static char big[512 << 20];
                int main(void) {
                    volatile char *other = mmap(NULL, 2ull << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                    if (is("touched")) memset(big, 1, sizeof big);
                    other[12345] = 1;
                    puts(big[54321] + other[12345] > 0 ? "held" : "wrong");
                }
                """,
                FINE,
                language="c",
                ways=("untouched",),
            ),
            Attempt(
                "static char big[512 << 20];\nint main(void) { memset(big, 1, sizeof big); return big[getpid()] == 2; }\n",
                FULL,
                b"",
                "c",
            ),
        ),
    ),
    Probe(
        40,
        "many threads at once",
        "Burn the processor in 16 threads.",
        "The sum of all threads is charged and meets the limit.",
        (
            Attempt(
                """
                static void *burn(void *nothing) { for (volatile long n = 0;; n++) continue; return nothing; }
                int main(void) {
                    pthread_t thread;
                    for (int i = 0; i < 15; i++) pthread_create(&thread, NULL, burn, NULL);
                    burn(NULL);
                }
                """,
                (Verdict.TIME_LIMIT,),
                b"",
                "c",
                BURNING,
                check=_all_threads,
            ),
        ),
    ),
    Probe(
        43,
        "endless recursion",
        "Recurse until the stack is full.",
        "The program fails; the sandbox does not.",
        (
            Attempt(
                """
                static int deeper(int n) { volatile char frame[1024]; frame[0] = (char)n; return deeper(n + 1) + frame[0]; }
                int main(void) { return deeper(0); }
                """,
                (*FAILED, *FULL),
                b"",
                "c",
            ),
            Attempt("def deeper(): deeper()\ndeeper()\n", FAILED, b""),
            Attempt(
                "sys.setrecursionlimit(1 << 30)\ndef deeper(one): return [deeper(one)]\ndeeper(1)\n",
                (*FAILED, *FULL, *TIMED),
                b"",
            ),
            Attempt(
                """
                public class Main {
                    static int deeper(int n) { return deeper(n + 1) + 1; }
                    public static void main(String[] args) { System.out.println(deeper(0)); }
                }
                """,
                (*FAILED, *FULL),
                b"",
                "java",
                ROOMY,
            ),
        ),
    ),
)
