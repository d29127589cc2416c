"""Rows 18, 19, 36 to 38 and 58: what the kernel offers and we do not."""

from __future__ import annotations

from typing import Final

from sandbox.hostile.probe import FINE, Attempt, Probe
from sandbox.job import Verdict

SURFACE: Final = Attempt(
    """
    for name in ("bpf", "userfaultfd", "perf_event_open", "kexec_load", "kexec_file_load", "init_module", "finit_module",
                 "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "personality",
                 "sethostname", "setdomainname", "iopl", "ioperm", "modify_ldt", "vhangup", "fanotify_init", "inotify_init1",
                 "lookup_dcookie", "migrate_pages", "move_pages", "mbind", "set_mempolicy", "memfd_secret", "seccomp",
                 "vmsplice", "process_mrelease", "cachestat", "kcmp", "sync", "syncfs"):
        refused(name, 0, 0, 0, 0, 0, 0)
    """
)
MOUNTS: Final = Attempt(
    """
    os.mkdir("/tmp/here")
    refused("mount", b"none", b"/tmp/here", b"tmpfs", 0, 0)
    refused("mount", b"/", b"/tmp/here", 0, 0x1000, 0)
    refused("mount", 0, b"/", 0, 0x21, 0)
    refused("umount2", b"/tmp", 2)
    refused("pivot_root", b"/tmp", b"/tmp/here")
    refused("chroot", b"/tmp")
    refused("name_to_handle_at", -100, b"/", bytes(8) + b"x" * 128, bytes(8), 0)
    refused("open_by_handle_at", -100, struct.pack("II", 8, 1) + bytes(128), 0)
    for name in ("fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "move_mount", "mount_setattr", "statmount", "listmount"):
        refused(name, -100, b"/", 0, 0, 0)
    os.rmdir("/tmp/here")
    """
)
NAMESPACES: Final = Attempt(
    """
    kinds = {"user": 0x10000000, "mount": 0x20000, "net": 0x40000000, "pid": 0x20000000, "ipc": 0x8000000,
             "uts": 0x4000000, "cgroup": 0x2000000, "time": 0x80}
    for flag in kinds.values():
        refused("unshare", flag)
        if flag != 0x80: refused("clone", flag | 17, 0, 0, 0, 0)
        refused("clone3", struct.pack("QQQQQQQQ", flag, 0, 0, 0, 17, 0, 0, 0), 64)
        refused("setns", os.pidfd_open(os.getpid()), flag)
    for name in os.listdir("/proc/self/ns"):
        refused("setns", os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0)
    closed("user map", lambda: os.write(os.open("/proc/self/uid_map", os.O_WRONLY), b"0 0 1"))
    """
)
RINGS: Final = Attempt(
    """
    refused("io_uring_setup", 8, bytes(120))
    refused("io_uring_enter", 3, 1, 1, 1, 0, 0)
    refused("io_uring_register", 3, 0, 0, 0)
    """
)
KEYS: Final = Attempt(
    """
    for ring in (-1, -2, -3, -4, -5): refused("add_key", b"user", b"mark", b"1", 1, ring)
    for command in (0, 1, 11, 17, 22): refused("keyctl", command, -4, 1, 0, 0)
    refused("request_key", b"user", b"mark", 0, -4)
    """
)
# Calls by the two other doors of this processor family: a filter that counts only one kind of number leaves them open.
OTHER_DOORS: Final = Attempt(
    r"""
    #if defined __x86_64__
    static long door(long number, long a, long b, long c) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
        return result;
    }
    static void attempt(const char *what, long number, long a, long b, long c, int other) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            long got = other ? syscall(0x40000000 | number, a, b, c) : door(number, a, b, c);
            struct stat about;
            /* A kernel of another kind may take the number for a 64-bit one: what counts is whether it did what it means. */
            if (strstr(what, "getpid")) _exit(got == getpid());
            if (strstr(what, "socket")) _exit(got >= 0 && fstat((int)got, &about) == 0 && S_ISSOCK(about.st_mode));
            _exit(got >= 0);
        }
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status)) printf("OPEN: %s\n", what);
    }
    int main(void) {
        unsigned *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        words[0] = AF_INET, words[1] = SOCK_STREAM, words[2] = 0;
        attempt("32-bit getpid", 20, 0, 0, 0, 0);
        attempt("32-bit socketcall", 102, 1, (long)(intptr_t)words, 0, 0);
        attempt("32-bit socket", 359, AF_INET, SOCK_DGRAM, 0, 0);
        attempt("32-bit unshare", 310, 0x10000000, 0, 0, 0);
        attempt("32-bit keyctl", 288, 0, -4, 1, 0);
        attempt("x32 getpid", 39, 0, 0, 0, 1);
        attempt("x32 socket", 41, AF_INET, SOCK_DGRAM, 0, 1);
        attempt("x32 ptrace", 521, 0, 0, 0, 1);
        attempt("x32 unshare", 272, 0x10000000, 0, 0, 1);
        puts("held");
    }
    #else
    int main(void) { puts("held"); }
    #endif
    """,
    language="c",
)

PROBES: Final = (
    Probe(
        18,
        "mounts and roots",
        "Mount, unmount, change the root, open files by handle.",
        "Every call is refused or ends the program.",
        (MOUNTS,),
    ),
    Probe(
        19,
        "namespaces",
        "Make or enter a namespace of each kind, by each call.",
        "Every call is refused or ends the program.",
        (NAMESPACES,),
    ),
    Probe(
        37,
        "rings",
        "Open files and sockets through io_uring, which no filter sees.",
        "Every call is refused or ends the program.",
        (RINGS,),
    ),
    Probe(
        38,
        "kernel surface",
        "Call what no honest program calls, also by the 32-bit and x32 doors.",
        "Every call is refused or ends the program.",
        (SURFACE, OTHER_DOORS),
    ),
    Probe(
        58,
        "priority",
        "Take real-time scheduling, niceness, other processors, locked memory.",
        "It is refused, or bound by the container.",
        (
            Attempt(
                """
                for policy in (1, 2, 6): refused("sched_setscheduler", 0, policy, struct.pack("i", 50))
                refused("sched_setattr", 0, struct.pack("IIQiIQQQ", 48, 1, 0, 0, 50, 0, 0, 0), 0)
                refused("ioprio_set", 1, 0, 1 << 13)
                refused("mlockall", 3)
                closed("niceness", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
                closed("niceness of all", lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19))
                before = os.sched_getaffinity(0)
                try: os.sched_setaffinity(0, range(1024))
                except OSError: pass
                if not os.sched_getaffinity(0) <= before: leak("more processors", os.sched_getaffinity(0))
                area = libc.mmap
                area.restype = ctypes.c_void_p
                start = area(None, ctypes.c_size_t(200 << 20), 3, 0x22, -1, 0)
                if libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(200 << 20)) == 0: leak("locked memory")
                """,
                (*FINE, Verdict.MEMORY_LIMIT),
                None,
            ),
        ),
    ),
)
