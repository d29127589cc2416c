"""Rows 7 to 10 and 44: disk, shared memory, inodes, descriptors, kernel memory, core dumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sandbox.hostile.probe import BAD_END, FAILED, FULL, LIMITS, OK, TIMED, Attempt, Probe
from sandbox.job import MIB, Outcome

ROOM: Final = LIMITS.memory_bytes + 64 * MIB  # nothing may keep more than this; disk is memory here


def _aborted(outcome: Outcome) -> Iterator[str]:
    if outcome.runs[0].signal != 6:
        yield f"signal {outcome.runs[0].signal} instead of 6"


PROBES: Final = (
    Probe(
        7,
        "fill the disk",
        "Fill every folder by writing, by reserving, by sparse files and through mapped memory.",
        "It is full at its quota, the memory limit ends the program, and no disk of the host is touched.",
        (
            Attempt(
                f"""
                import mmap
                kept = 0
                def fill(path, size):
                    with open(path, "w+b") as file:
                        if way == "write": file.write(bytes(size)); file.flush()
                        elif way == "reserve": os.posix_fallocate(file.fileno(), 0, size)
                        elif way == "sparse": [os.pwrite(file.fileno(), b"x" * 4096, at) for at in range(0, size, 4096)]
                        else:
                            file.truncate(size)
                            with mmap.mmap(file.fileno(), size) as area:
                                for at in range(0, size, 4096): area[at] = 1
                    return os.stat(path).st_blocks * 512
                for folder in ("/work", "/tmp", "/dev/shm", "/var/tmp", "/run", "/dev"):
                    for number in range(64):
                        try: kept += fill(f"{{folder}}/{{number}}", 8 << 20)
                        except OSError: break
                if kept > {ROOM}: leak("kept", kept)
                """,
                (OK, BAD_END, *FULL),  # a mapped page that finds no room is a bus error
                None,
                ways=("write", "reserve", "sparse", "mapped"),
                limits=replace(LIMITS, cpu_seconds=3),
            ),
        ),
    ),
    Probe(
        8,
        "memory outside the process",
        "Hoard memory in shared memory, System V segments, message queues and memory files.",
        "It is refused, or charged like any other memory.",
        (
            Attempt(
                """
                refused("shmget", 0, 1 << 30, 0o1600)
                refused("semget", 0, 100, 0o1600)
                refused("msgget", 0, 0o1600)
                refused("mq_open", b"queue", os.O_CREAT | os.O_RDWR, 0o600, 0)
                refused("memfd_secret", 0)
                # Huge pages come from a pool of the host's that no memory limit counts.
                libc.mmap.restype = ctypes.c_void_p
                for size in (0, 21 << 26, 30 << 26):
                    area = libc.mmap(None, ctypes.c_size_t(1 << 30), 3, 0x40022 | size, -1, 0)
                    if area not in (None, ctypes.c_void_p(-1).value): leak("huge pages", size >> 26)
                    try: os.ftruncate(os.memfd_create("huge", 4 | size), 1 << 30)
                    except OSError: pass
                """
            ),
            Attempt(
                """
                hoard = []
                while True:
                    hoard.append(os.memfd_create("hoard"))
                    os.write(hoard[-1], bytes(4 << 20))
                """,
                FULL,
                None,
            ),
            Attempt(
                """
                import mmap
                hoard = []
                while True:
                    hoard.append(mmap.mmap(-1, 4 << 20))
                    for at in range(0, 4 << 20, 4096): hoard[-1][at] = 1
                """,
                FULL,
                None,
            ),
        ),
    ),
    Probe(
        9,
        "a million files",
        "Make files, nested folders and the longest names until there is no room.",
        "It is full at the number of inodes, and the next test finds nothing, soon.",
        (
            Attempt(
                """
                made = 0
                try:
                    for made in range(1_000_000):
                        if way == "files": os.close(os.open(f"/work/{made}", os.O_CREAT))
                        elif way == "names": os.close(os.open(f"/tmp/{made:0255}", os.O_CREAT))
                        else:
                            os.mkdir("/tmp/d" if made == 0 else "d")
                            os.chdir("/tmp/d" if made == 0 else "d")
                except OSError: pass
                if made > 20_000: leak("files", made)
                """,
                (OK, *TIMED, *FULL),
                None,
                ways=("files", "names", "folders"),
            ),
        ),
    ),
    Probe(
        10,
        "descriptors and kernel memory",
        "Open everything that can be opened, fill pipes, and send descriptors that nobody receives.",
        "It meets the number of open files, and kernel memory is charged to it.",
        (
            Attempt(
                """
                held = []
                def more():
                    if way == "files": return [os.open("/dev/null", os.O_RDONLY)]
                    if way == "terminals":
                        terminal = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
                        if not os.isatty(terminal): raise OSError(errno.ENOTTY, "masked")
                        return [terminal]
                    if way == "pipes":
                        ends = os.pipe2(os.O_NONBLOCK)
                        try: fcntl.fcntl(ends[1], 1031, 1 << 20)
                        except OSError: pass
                        while True:
                            try: os.write(ends[1], bytes(65536))
                            except BlockingIOError: return ends
                    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                    near.setblocking(False)
                    try:
                        while True: socket.send_fds(near, [b"x"], [0] * 200)
                    except OSError: return [near.detach(), far.detach()]
                try:
                    while len(held) < 5000: held += more()
                except OSError as error:
                    if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM) and way != "terminals": leak(error)
                if len(held) > 1024: leak("descriptors", len(held))
                # The host has a few thousand for everybody, and the limit of open files holds for one process only.
                if way == "terminals" and len(held) > 64: leak("terminals", len(held))
                """,
                (OK, BAD_END, *FULL),
                None,
                ways=("files", "pipes", "sockets", "terminals"),
            ),
        ),
    ),
    Probe(
        44,
        "core dump",
        "Allow itself a core file, fill memory and abort.",
        "No core is written anywhere.",
        (
            Attempt(
                """
                int main(void) {
                    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
                    if (setrlimit(RLIMIT_CORE, &all) == 0) puts("OPEN: core files");
                    fflush(stdout);
                    char *big = malloc(64 << 20);
                    memset(big, 1, 64 << 20);
                    abort();
                }
                """,
                FAILED,
                b"",
                "c",
                check=_aborted,
            ),
        ),
    ),
)
