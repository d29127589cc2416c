"""Rows 16, 17, 27 and 39: against process 1, its descriptors and its clocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.hostile.probe import BRIEF, BURNING, TIMED, Attempt, Probe
from sandbox.job import Outcome, Verdict


def _charged(outcome: Outcome) -> Iterator[str]:
    if outcome.runs[0].cpu_seconds > BRIEF.cpu_seconds + 2:
        yield f"{outcome.runs[0].cpu_seconds:.2f} s of processor time at a limit of {BRIEF.cpu_seconds} s"


KILL: Final = Attempt(
    """
    for target in (1, os.getppid()):
        for one in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGXCPU, signal.SIGCHLD, signal.SIGSEGV):
            for send in (os.kill, lambda pid, one: libc.syscall(234 if MACHINE == 0 else 131, pid, pid, one)):
                try: send(target, one)
                except OSError: pass
            try: signal.pidfd_send_signal(os.pidfd_open(target), one)
            except OSError: pass
    child = os.fork()
    if child == 0: time.sleep(60)
    for one in (signal.SIGCONT, signal.SIGSTOP, signal.SIGKILL):
        try: os.kill(-1, one)
        except OSError: pass
    closed("its processor limit", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)))
    closed("its open files", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)))
    closed("its niceness", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
    closed("its processors", lambda: os.sched_setaffinity(1, {0}))
    closed("its scheduling", lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)))
    """
)
TRACE: Final = Attempt(
    """
    memory = ctypes.create_string_buffer(64)
    area = struct.pack("QQ", ctypes.addressof(memory), 64)
    for request in (16, 0x4206): refused("ptrace", request, 1, 0, 0)
    refused("ptrace", 0, 0, 0, 0)
    refused("process_vm_readv", 1, area, 1, area, 1, 0)
    refused("process_vm_writev", 1, area, 1, area, 1, 0)
    refused("kcmp", 1, os.getpid(), 0, 0, 0)
    refused("process_madvise", 0, area, 1, 4, 0)
    for descriptor in range(4): refused("pidfd_getfd", os.pidfd_open(1), descriptor, 0)
    for number in range(1, 11): closed(f"namespace {number}", lambda: fcntl.ioctl(os.pidfd_open(1), 0xFF00 | number, 0))
    for name in ("environ", "mem", "maps", "smaps", "auxv", "stack", "syscall", "io", "pagemap", "personality", "patch_state"):
        closed(f"/proc/1/{name}", lambda: open(f"/proc/1/{name}", "rb").read(1))
    for name in ("fd", "fdinfo", "map_files", "root", "cwd", "task/1/fd"):
        closed(f"/proc/1/{name}", lambda: os.listdir(f"/proc/1/{name}"))
    for name in ("exe", "cwd", "root", "fd/0", "fd/1", "ns/net"):
        closed(f"/proc/1/{name}", lambda: os.readlink(f"/proc/1/{name}"))
    for name in ("oom_score_adj", "oom_adj", "comm", "clear_refs", "coredump_filter", "autogroup", "sched", "loginuid",
                 "timerslack_ns", "uid_map", "setgroups", "attr/current", "mem"):
        closed(f"write /proc/1/{name}", lambda: os.write(os.open(f"/proc/1/{name}", os.O_WRONLY), b"1"))
    words = open("/proc/1/cmdline", "rb").read().split(b"\\0")
    if words[0] != b"/supervisor" or len(b"".join(words)) > 20: leak("its words", words)
    """
)
DESCRIPTORS: Final = Attempt(
    """
    for number in range(3, 1024): closed(f"descriptor {number}", lambda: os.fstat(number))
    for number in range(3, 1024): closed(f"write to {number}", lambda: os.write(number, b"R"))
    if not stat.S_ISFIFO(os.fstat(1).st_mode) or not stat.S_ISFIFO(os.fstat(2).st_mode): leak("outputs are no pipes")
    if os.path.realpath("/proc/self/cwd") != "/work": leak("working folder", os.getcwd())
    closed("a way up", lambda: os.listdir("/proc/self/cwd/../proc/1/root/etc"))
    """
)

PROBES: Final = (
    Probe(
        16,
        "kill the supervisor",
        "Send every signal to process 1, to the parent and to everybody, and lower the limits of process 1.",
        "Process 1 does not notice, and the next test runs.",
        (KILL,),
    ),
    Probe(
        17,
        "trace the supervisor",
        "Trace process 1, read or write its memory, its descriptors and all of /proc/1.",
        "Every door is closed, and its command line says nothing.",
        (TRACE,),
    ),
    Probe(
        27,
        "inherited descriptors",
        "Write into every descriptor that may have been left open.",
        "There are three, and they lead nowhere else.",
        (DESCRIPTORS,),
    ),
    Probe(
        39,
        "turn back the clock",
        "Set clocks and raise limits; storm with timers; hide processor time in a chain of short lives.",
        "Limits are held by a clock that no program reaches.",
        (
            Attempt(
                """
                moment = struct.pack("qq", 0, 0)
                refused("clock_settime", 0, moment)
                refused("settimeofday", moment, 0)
                refused("adjtimex", struct.pack("I", 0x8000) + bytes(204))
                refused("clock_adjtime", 0, struct.pack("I", 0x8000) + bytes(204))
                for which in (resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NOFILE):
                    endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                    closed(f"limit {which}", lambda: resource.setrlimit(which, endless))
                """
            ),
            Attempt(
                """
                signal.signal(signal.SIGALRM, lambda *_: None)
                signal.signal(signal.SIGXCPU, lambda *_: signal.setitimer(signal.ITIMER_PROF, 0))
                signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
                while True: pass
                """,
                (Verdict.TIME_LIMIT,),
                b"",
                limits=BURNING,
                check=_charged,
            ),
            Attempt(
                """
                if os.fork(): time.sleep(60)
                while True:
                    until = time.process_time() + 0.02
                    while time.process_time() < until: pass
                    if os.fork(): os._exit(0)
                """,
                TIMED[:1],
                b"",
                limits=BURNING,
                check=_charged,
            ),
        ),
    ),
)
