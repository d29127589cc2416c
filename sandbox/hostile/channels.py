"""Rows 36, 41 and 42: passing a bit to another run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile import prelude
from sandbox.hostile.kernel import KEYS
from sandbox.hostile.meeting import meet, side, together
from sandbox.hostile.probe import LIMITS, Attempt, Note, Probe
from sandbox.job import Job, Outcome, Run
from sandbox.run import run

SLOT: Final = 0.05  # seconds per bit
SLOTS: Final = 24
# Pseudo-random, and known to both sides: the bit of a slot of the clock that all containers share.
BIT: Final = "def bit(slot): return (slot * 2654435761 >> 11) & 1\n"

FIRST: Final = Attempt(
    """
    import subprocess
    for place in ("/work", "/tmp", "/dev/shm", "/var/tmp", "/run", "/run/lock", "/dev", "/dev/mqueue", "/proc/self", "/home"):
        try: open(f"{place}/invigil-mark", "w").write("mark")
        except OSError: pass
    ear = socket.socket(socket.AF_UNIX)
    ear.bind("\\0invigil-mark")
    try: fcntl.flock(os.open("/usr/bin/python3", os.O_RDONLY), fcntl.LOCK_EX)
    except OSError: pass
    for ring in (-4, -5): refused("add_key", b"user", b"invigil-mark", b"1", 1, ring)
    libc.syscall(NUMBERS["shmget"][MACHINE], 0x1a2b, 4096, 0o1666)
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    """
)
SECOND: Final = Attempt(
    """
    for root, folders, names in os.walk("/"):
        folders[:] = [one for one in folders if os.path.join(root, one) not in ("/proc", "/sys", "/usr")]
        if "invigil-mark" in names: leak("file", root)
    if b"invigil-mark" in open("/proc/net/unix", "rb").read(): leak("socket")
    others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]
    if others: leak("processes", others)
    if libc.syscall(NUMBERS["shmget"][MACHINE], 0x1a2b, 4096, 0) >= 0: leak("shared memory")
    for name in ("keys", "sysvipc/shm"):
        try: lines = open(f"/proc/{name}").read().splitlines()
        except OSError: continue
        if any("mark" in line or "1a2b" in line for line in lines): leak(name, lines[:2])
    """
)
PLACES: Final = """
    places = ["/", "/usr/bin/python3", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/dev/null", "/dev/zero",
              "/dev/full", "/dev/urandom", "/proc", "/proc/version", "/proc/sys/kernel/ostype", "/proc/self/exe", "/sys",
              "/sys/kernel/mm", "/sys/devices", "/sys/fs/cgroup", "/proc/sys", "/proc/kcore", "/proc/keys", "/supervisor"]
    places += [line.split()[-1] for line in open("/proc/self/maps") if ".so" in line][:10]
    places += [os.path.join("/proc/self/ns", name) for name in sorted(os.listdir("/proc/self/ns"))]
    places += [os.path.join("/sys/fs/cgroup", name) for name in sorted(os.listdir("/sys/fs/cgroup"))][:20]
"""


def _successive(engine: Engine) -> Iterator[str]:
    """One leaves marks in every place that may outlive it; the next, in a container of its own, looks for them."""
    for name, attempt in (("first", FIRST), ("second", SECOND)):
        outcome = run(attempt.job(), engine)
        assert isinstance(outcome, Outcome)
        yield from (f"{name} {problem}" for problem in attempt.problems(outcome))


def _locks(engine: Engine) -> Iterator[str]:
    """One locks and watches whatever it can open; the other, at the same time, feels for locks and wakes the watches."""
    yield from meet(
        engine,
        PLACES
        + """
    noticed = []
    signal.signal(signal.SIGIO, lambda *_: noticed.append(1))
    def take(place, kind, *words):
        try: kind(place, *words)
        except OSError: pass
    held = []
    for place in places:
        try: held.append(os.open(place, os.O_RDONLY | os.O_NONBLOCK))
        except OSError: pass
    for one in held:
        take(one, fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        take(one, fcntl.lockf, fcntl.LOCK_SH | fcntl.LOCK_NB)
        take(one, fcntl.fcntl, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    own = os.open("/work/lock", os.O_CREAT | os.O_RDWR)
    take(own, fcntl.fcntl, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 4711, 0))
    for one in held: take(one, fcntl.fcntl, fcntl.F_NOTIFY, 0x8000003f)
    tell("locked")
    hear()
    time.sleep(0.05)
    if noticed: leak("woken", len(noticed), "times by the other")
    """,
        PLACES
        + """
    hear()
    for place in places:
        try: feel = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
        except OSError: continue
        try: fcntl.flock(feel, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError: leak("the other's lock on", place)
        except OSError: pass
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        try: found = struct.unpack("hhqqi4x", fcntl.fcntl(feel, fcntl.F_GETLK, lock))
        except OSError: found = (fcntl.F_UNLCK,)
        if found[0] == fcntl.F_RDLCK: leak("the other's record lock on", place)
        if os.path.isdir(place): os.listdir(place)
        os.close(feel)
    try: listed = open("/proc/locks").read()
    except OSError: listed = ""
    if " 4710" in listed: leak("the other's lock is listed")
    tell("felt")
    """,
    )


def _bit_rate(engine: Engine) -> Iterator[str]:
    """How many bits a second two neighbours can pass by keeping the processor and its caches busy: said, not judged."""
    send = (
        BIT + f"until = time.monotonic() + {SLOT * (SLOTS + 8)}\n"
        "hoard = bytearray(8 << 20)\n"
        "while time.monotonic() < until:\n"
        f"    if bit(int(time.monotonic() / {SLOT})): hoard[::64] = bytes(len(hoard) // 64)\n"
        "    else: time.sleep(0.002)\n"
    )
    take = (
        f"first, counts = int(time.monotonic() / {SLOT}) + 2, {{}}\n"
        "hoard = bytearray(4 << 20)\n"
        "busy, own = {}, min(os.sched_getaffinity(0))\n"
        f"while (slot := int(time.monotonic() / {SLOT})) < first + {SLOTS}:\n"
        "    hoard[::64] = bytes(len(hoard) // 64)\n"
        "    counts[slot] = counts.get(slot, 0) + 1\n"
        "    if slot not in busy: busy[slot] = [sum(map(int, line.split()[1:4])) for line in open('/proc/stat') if line[:3] == 'cpu'][1:]\n"
        "def work(slot): return max([later - now for core, (now, later) in enumerate(zip(busy[slot], busy[slot + 1])) if core != own] or [0])\n"
        "for slot in range(first, max(busy)): print(slot, -counts.get(slot, 0), work(slot))\n"
    )
    limits = replace(LIMITS, cpu_seconds=6)
    jobs = [
        Job("python", {"main.py": (prelude.PYTHON + source).encode()}, "main.py", (Run("one"),), limits)
        for source in (send, take)
    ]
    with ThreadPoolExecutor(2) as pool:
        _, heard = pool.map(lambda job: run(job, engine), jobs)
    assert isinstance(heard, Outcome)
    rows = [tuple(map(int, line.split())) for line in heard.runs[0].stdout.splitlines()]
    if not rows:
        yield f"the receiver said nothing: {heard.runs[0].verdict} {heard.runs[0].stderr[-200:]!r}"
    caches, counters = (_capacity([(row[0], row[place]) for row in rows]) for place in (1, 2))
    yield Note(
        f"of {1 / SLOT:.0f} bits/s that one sent, its neighbour on another core read {caches:.1f} from its own speed"
        f" and {counters:.1f} from /proc/stat"
    )


def _page_cache(engine: Engine) -> Iterator[str]:
    """One drops and reads pages of a large file of the image; the other asks which of them are in memory."""
    word = 0x5A1E7C0FFEE5
    find = """
    files = []
    for root, folders, names in os.walk("/usr"):
        for name in names:
            about = os.lstat(os.path.join(root, name))
            if stat.S_ISREG(about.st_mode) and about.st_size > 1 << 20: files.append((about.st_size, os.path.join(root, name)))
    mapped = open("/proc/self/maps").read()
    path = max((one for one in files if one[1] not in mapped), default=(0, "/dev/null"))[1]
    image = os.open(path, os.O_RDONLY)
    def page(bit): return bit * 9 * 4096
    """
    send = (
        find
        + f"""
    try: os.posix_fadvise(image, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError: pass
    try: os.posix_fadvise(image, 0, 0, os.POSIX_FADV_RANDOM)
    except OSError: pass
    for bit in range(48):
        if {word} >> bit & 1: os.pread(image, 1, page(bit))
    tell("sent")
    hear()
    """
    )
    take = (
        find
        + """
    hear()
    word = 0
    try: os.posix_fadvise(image, 0, 0, os.POSIX_FADV_RANDOM)
    except OSError: pass
    for bit in range(48):
        try: there = bool(os.preadv(image, [bytearray(1)], page(bit), 8))
        except BlockingIOError: there = False
        except OSError:  # this file system does not say whether it must wait: the clock does
            started = time.perf_counter()
            os.pread(image, 1, page(bit))
            there = time.perf_counter() - started < 0.00004
        word |= there << bit
    print(word, file=sys.stderr, flush=True)
    tell("taken")
    """
    )
    outcome = together(engine, side(send), side(take))
    heard = outcome.interactor.runs[0].stderr.split(b"\n")[0]
    right = 48 - (int(heard) ^ word).bit_count() if heard.isdigit() else 0
    yield Note(f"through the page cache of the image, {right} of 48 bits arrived right (24 by chance)")


def _neighbours(engine: Engine) -> Iterator[str]:
    yield from _bit_rate(engine)
    yield from _page_cache(engine)


def _capacity(pairs: list[tuple[int, int]]) -> float:
    """Bits per second of a symmetric channel with the error rate of the best threshold."""
    if len(pairs) < 8:
        return 0.0
    sent = [(slot * 2654435761 >> 11) & 1 for slot, _ in pairs]
    errors = min(
        sum((count >= threshold) != bool(bit) for (_, count), bit in zip(pairs, sent, strict=True))
        for threshold in {count for _, count in pairs}
    )
    wrong = min(errors / len(pairs), 0.5)
    entropy = 0.0 if wrong in (0.0, 1.0) else -wrong * math.log2(wrong) - (1 - wrong) * math.log2(1 - wrong)
    return (1 - entropy) / SLOT


PROBES: Final = (
    Probe(
        36,
        "keys that stay",
        "Leave keys, files, sockets, memory and processes for another candidate's run.",
        "The kernel's key rings are closed, and the next container holds no mark.",
        (KEYS,),
        _successive,
    ),
    Probe(
        41,
        "locks as a channel",
        "Lock, lease and watch files that two containers may share, at the same time.",
        "No file is shared that one can lock and the other feel.",
        scenario=_locks,
    ),
    Probe(
        42,
        "load as a channel",
        "Pass bits to a neighbour by keeping processor and caches busy, and by pages of shared files.",
        "It cannot be shut, so its rate is reported; cores are not shared.",
        scenario=_neighbours,
        alone=True,
    ),
)
