"""Programs that try to break the jail, and what must happen to each.

Every probe's job has two runs of the same program: the attack, then an honest look around, which must find no
file, process or input that the attack left. A Python probe says "held" when every door it tried was closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import dedent

from sandbox.job import MIB, Job, Limits, Outcome, Run, Verdict

LIMITS = Limits(cpu_seconds=1, wall_seconds=10, memory_bytes=96 * MIB, pids=32, output_bytes=MIB, file_bytes=16 * MIB)
SLEEPERS = replace(LIMITS, wall_seconds=3)
AFTER = "after"
HELD = b"held\n"

PRELUDE = """
import ctypes, errno, os, resource, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
if sys.argv[1:] == ["after"]:
    strangers = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]
    dirt = os.listdir("/tmp") + [name for name in os.listdir("/work") if name != "main.py"]
    print("clean" if not strangers and not dirt else f"left behind: {strangers} {dirt}")
    sys.exit()
def refused(what, number, *args):
    if libc.syscall(number, *args) >= 0: print("OPEN:", what)
def closed(what, action):
    try: action()
    except OSError: return
    print("OPEN:", what)
"""


@dataclass(frozen=True)
class Probe:
    """`expected` are the verdicts of the attack that are right; `says` is its exact output, None for any."""

    name: str
    attack: str
    expected: tuple[Verdict, ...] = (Verdict.OK,)
    says: bytes | None = HELD
    language: str = "python"
    limits: Limits = LIMITS

    def job(self) -> Job:
        if self.language != "python":
            return Job(self.language, {"main.c": self.attack.encode()}, "main.c", (Run("attack"),), self.limits)
        tail = 'print("held")\n' if self.says == HELD else ""
        source = PRELUDE + dedent(self.attack) + tail
        return Job(
            "python", {"main.py": source.encode()}, "main.py", (Run("attack"), Run(AFTER, args=(AFTER,))), self.limits
        )

    def problems(self, outcome: Outcome) -> Iterator[str]:
        """What went otherwise than it must, in words; nothing when the jail held."""
        attack = outcome.runs[0]
        if attack.verdict not in self.expected:
            yield f"verdict {attack.verdict}: {(attack.stderr or outcome.compile_log.encode())[-200:]!r}"
        if self.says is not None and attack.stdout != self.says:
            yield f"said {attack.stdout[:200]!r}"
        if len(attack.stdout) > LIMITS.output_bytes:
            yield f"{len(attack.stdout)} bytes of output were kept"
        for after in outcome.runs[1:]:
            if after.stdout != b"clean\n":
                yield f"afterwards: {after.verdict} {after.stdout[:200]!r} {after.stderr[-200:]!r}"


TIMED = (Verdict.TIME_LIMIT, Verdict.WALL_LIMIT)
FORGED = b"\0\0\0\1D\0\0\0\5Eoops" + b"R" + bytes(80)

PROBES = (
    Probe("fork bomb", "while True:\n    try: os.fork()\n    except OSError: pass\n", TIMED, None),
    Probe("memory bomb", "hoard = []\nwhile True: hoard.append(bytearray(1 << 20))\n", (Verdict.MEMORY_LIMIT,), None),
    Probe(
        "memory spread over children",
        """
        for _ in range(6):
            if os.fork() == 0:
                hoard = bytearray(30 << 20)
                time.sleep(60)
        time.sleep(60)
        """,
        (Verdict.MEMORY_LIMIT,),
        None,
    ),
    Probe("processor spin", "while True: pass\n", (Verdict.TIME_LIMIT,), None),
    Probe("sleep for ever", "time.sleep(1000)\n", (Verdict.WALL_LIMIT,), None, limits=SLEEPERS),
    Probe("stop itself", "os.kill(os.getpid(), signal.SIGSTOP)\n", (Verdict.WALL_LIMIT,), None, limits=SLEEPERS),
    Probe(
        "ignore every signal",
        "for one in set(signal.Signals) - {9, 19}: signal.signal(one, signal.SIG_IGN)\nwhile True: pass\n",
        (Verdict.TIME_LIMIT,),
        None,
    ),
    Probe("output flood", "while True: os.write(1, b'x' * 65536)\n", (Verdict.OUTPUT_LIMIT,), None),
    Probe("error flood", "for _ in range(200): os.write(2, b'x' * 65536)\n"),
    Probe("exit code 137", "os._exit(137)\n", (Verdict.RUNTIME_ERROR,), None),
    Probe(
        "network",
        """
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, 40):
            closed(f"socket family {family}", lambda: socket.socket(family, socket.SOCK_DGRAM))
        """,
    ),
    Probe(
        "raw and packet sockets",
        """
        closed("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
        closed("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        """,
    ),
    Probe(
        "read secrets",
        """
        for path in ("/etc/shadow", "/proc/1/environ", "/proc/1/mem", "/proc/1/maps", "/proc/kcore", "/dev/mem"):
            closed(path, lambda: open(path, "rb").read(1))
        closed("descriptors of process 1", lambda: os.listdir("/proc/1/fd"))
        strange = set(os.environ) - {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONHASHSEED"}
        if strange: print("OPEN: environment", strange)
        """,
    ),
    Probe(
        "write outside the work folder",
        """
        for folder in ("/", "/etc", "/usr/bin", "/var", "/dev", "/proc", "/sys/fs/cgroup", "/home"):
            closed(folder, lambda: open(folder + "/mark", "w"))
        for path in ("/supervisor", "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/sys/kernel/uevent_helper"):
            closed(path, lambda: open(path, "r+b"))
        """,
    ),
    Probe(
        "namespaces",
        """
        for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
            refused(f"unshare {flag:x}", 272, flag)
            refused(f"clone {flag:x}", 56, flag | 17, 0, 0, 0, 0)
        refused("setns", 308, 0, 0)
        refused("mount", 165, b"none", b"/tmp", b"tmpfs", 0, 0)
        refused("chroot", 161, b"/tmp")
        """,
    ),
    Probe(
        "kernel surface",
        """
        calls = {"io_uring_setup": 425, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "keyctl": 250, "add_key": 248,
                 "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "personality": 135, "process_vm_readv": 310,
                 "pidfd_getfd": 438, "kcmp": 312, "init_module": 175, "kexec_load": 246, "reboot": 169, "syslog": 103,
                 "clock_settime": 227, "quotactl": 179, "open_by_handle_at": 304, "seccomp": 317, "vmsplice": 278}
        for name, number in calls.items():
            refused(name, number, 0, 0, 0, 0, 0, 0)
            if ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS): print("OPEN:", name, ctypes.get_errno())
        """,
    ),
    Probe(
        "kill the supervisor",
        """
        for one in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGXCPU, signal.SIGCHLD):
            try: os.kill(1, one)
            except OSError: pass
        closed("its limits", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)))
        closed("its niceness", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
        closed("its processors", lambda: os.sched_setaffinity(1, {0}))
        """,
    ),
    Probe(
        "trace the supervisor",
        """
        refused("ptrace attach", 101, 16, 1, 0, 0)
        refused("ptrace seize", 101, 0x4206, 1, 0, 0)
        refused("pidfd_getfd", 438, os.pidfd_open(1), 0, 0)
        """,
    ),
    Probe(
        "leave a daemon",
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
        """,
    ),
    Probe(
        "fill the disk",
        """
        written, full = 0, False
        for number in range(64):
            try:
                with open(f"/work/{number}", "wb") as file:
                    while True: written += file.write(bytes(1 << 18))
            except OSError as error:
                full |= error.errno == errno.ENOSPC
        if not full or written > 64 << 20: print("OPEN: disk", written)
        """,
        # Files are memory: the fuller the disk, the nearer the memory limit.
        (Verdict.OK, Verdict.MEMORY_LIMIT),
        None,
    ),
    Probe(
        "a hundred thousand files",
        """
        made = 0
        try:
            for made in range(100_000): os.close(os.open(f"/work/{made}", os.O_CREAT))
        except OSError: pass
        if made > 20_000: print("OPEN: files", made)
        """,
        (Verdict.OK, *TIMED),
        None,
    ),
    Probe(
        "traps in the work folder",
        """
        os.remove("/work/main.py")
        os.symlink("/etc/passwd", "/work/main.py")
        os.symlink("/", "/tmp/root")
        os.mkfifo("/work/.program")
        here = "/tmp/deep"
        os.mkdir(here)
        os.chdir(here)
        for _ in range(2000):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        os.chmod(here, 0)
        os.chmod("/work", 0)
        """,
    ),
    Probe("forge the supervisor's frames", f"os.write(1, {FORGED!r})\n", says=FORGED),
    Probe(
        "inherited descriptors",
        """
        import stat
        for number in range(3, 1024):
            closed(f"descriptor {number}", lambda: os.fstat(number))
        """,
    ),
    Probe(
        "compiler reads for ever",
        '#include "/dev/zero"\nint main(void) { return 0; }\n',
        (Verdict.COMPILE_ERROR,),
        b"",
        "c",
    ),
    Probe(
        "compiler reads secrets",
        '#include "/etc/shadow"\nint main(void) { return 0; }\n',
        (Verdict.COMPILE_ERROR,),
        b"",
        "c",
    ),
    Probe(
        "gigantic program",
        "char hoard[1 << 28] = {1};\nint main(void) { return 0; }\n",
        (Verdict.COMPILE_ERROR,),
        b"",
        "c",
    ),
)
