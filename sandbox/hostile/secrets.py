"""Rows 23, 24, 34 and 35: looking for what is not theirs, and becoming somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sandbox.engines.base import Engine
from sandbox.hostile import prelude
from sandbox.hostile.probe import FAILED, FINE, LIMITS, ROOMY, Attempt, Probe
from sandbox.job import Job, Outcome, Run, Verdict
from sandbox.run import run

SECRETS: Final = Attempt(
    """
    for path in ("/etc/shadow", "/etc/gshadow", "/proc/1/environ", "/proc/1/mem", "/proc/1/maps", "/proc/kcore", "/dev/mem",
                 "/dev/kmem", "/dev/kmsg", "/proc/kmsg", "/dev/port", "/root/.ssh/id_rsa", "/proc/timer_list", "/proc/slabinfo",
                 "/proc/vmallocinfo", "/sys/firmware/acpi/tables/DSDT", "/sys/kernel/debug/tracing/trace", "/run/secrets"):
        try: read = open(path, "rb").read(1)
        except OSError: continue
        if read: leak(path)  # a masked file is there, and empty
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) not in (1, os.getpid()): leak("process", pid)
    for path in ("/proc/keys", "/proc/sched_debug", "/proc/sysvipc/shm"):
        try: lines = open(path).read().splitlines()
        except OSError: continue
        if len(lines) > 1: leak(path, lines[:3])
    try: first = open("/proc/kallsyms").readline().split()
    except OSError: first = []
    if first and int(first[0], 16): leak("kernel addresses", first)
    strange = set(os.environ) - {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONHASHSEED"}
    if strange: leak("environment", strange)
    mounts = [line.split()[1:3] for line in open("/proc/mounts")]
    foreign = [place for place, kind in mounts if kind in ("ext4", "xfs", "btrfs", "nfs", "nfs4", "9p", "virtiofs", "fuse")
               and place not in ("/etc/resolv.conf", "/etc/hostname", "/etc/hosts")]
    if foreign: leak("folders of the host", foreign)
    devices = [name for name in os.listdir("/dev") if stat.S_ISBLK(os.lstat(f"/dev/{name}").st_mode)]
    if devices: leak("disks", devices)
    """
)
OUTSIDE_WORK: Final = Attempt(
    """
    for folder in ("/", "/etc", "/usr/bin", "/var", "/proc", "/sys", "/sys/fs/cgroup", "/home", "/root", "/run", "/var/tmp", "/opt"):
        closed(folder, lambda: os.open(f"{folder}/invigil-mark", os.O_CREAT | os.O_WRONLY))
    for path in ("/supervisor", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/passwd", "/proc/sysrq-trigger",
                 "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/drop_caches",
                 "/sys/kernel/uevent_helper", "/sys/power/state", "/proc/1/oom_score_adj"):
        closed(path, lambda: os.open(path, os.O_RDWR))
    for root, _, names in os.walk("/sys/fs/cgroup"):
        for name in names: closed(f"{root}/{name}", lambda: os.open(f"{root}/{name}", os.O_WRONLY))
    for kind in (stat.S_IFBLK, stat.S_IFCHR):
        closed("device", lambda: os.mknod("/work/disk", kind | 0o600, os.makedev(8, 0)))
    closed("owner", lambda: os.chown("/work/main.py", 0, 0))
    """
)
PRIVILEGES: Final = Attempt(
    """
    for name in ("setuid", "setgid", "seteuid", "setresuid", "setgroups", "capset"): pass
    for action in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0)):
        closed("identity", action)
    facts = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if name in facts and int(facts[name], 16): leak(name, facts[name])
    if facts.get("NoNewPrivs", "1").strip() != "1": leak("new privileges")
    if facts.get("Seccomp", "2").strip() != "2": leak("no filter")
    if 0 in (*os.getresuid(), *os.getresgid(), *os.getgroups()): leak("root", os.getresuid(), os.getgroups())
    """
)


def _answers_are_absent(engine: Engine) -> Iterator[str]:
    """Each of two tests looks for the other's input everywhere it may read."""
    source = """
    own = sys.stdin.read().strip()
    prefix = b"INPUT" + b"-OF-"
    def search(name, data):
        for found in data.split(prefix)[1:]:
            if prefix + found[:len(own) - len(prefix)] != own.encode(): leak(name, found[:40])
    image = os.stat("/usr").st_dev
    for root, folders, names in os.walk("/"):
        folders[:] = [one for one in folders if os.path.join(root, one) != "/sys"]
        for name in names:
            path = os.path.join(root, name)
            try:
                about = os.lstat(path)
                if stat.S_ISREG(about.st_mode) and (about.st_dev != image or about.st_size < 4096): search(path, open(path, "rb").read(1 << 20))
            except (OSError, ValueError): pass
    for line in open("/proc/self/maps"):
        if "rw" in line and "[stack]" in line or "[heap]" in line:
            start, end = (int(one, 16) for one in line.split()[0].split("-"))
            data = ctypes.string_at(start, end - start)
            if prefix + b"second" in data and "first" in own: leak("memory")
    """
    text = prelude.PYTHON + "\n".join(line[4:] for line in source.splitlines()) + '\nprint("held")\n'
    runs = tuple(Run(name, f"INPUT-OF-{name}-5c1f".encode()) for name in ("first", "other"))
    limits = replace(LIMITS, cpu_seconds=6, wall_seconds=20)
    outcome = run(Job("python", {"main.py": text.encode()}, "main.py", runs, limits), engine)
    assert isinstance(outcome, Outcome)
    for one in outcome.runs:
        if one.verdict is not Verdict.OK or one.stdout != b"held\n":
            yield f"{one.name}: {one.verdict}, said {one.stdout[:200]!r} {one.stderr[-200:]!r}"


SETUID_C: Final = Attempt(
    r"""
    static int found;
    static void search(int folder, const char *name, int depth) {
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *entries = fd < 0 ? NULL : fdopendir(fd);
        for (struct dirent *one; entries && (one = readdir(entries));) {
            struct stat about;
            if (!strcmp(one->d_name, ".") || !strcmp(one->d_name, "..")) continue;
            if (fstatat(fd, one->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0) continue;
            if (S_ISREG(about.st_mode) && about.st_mode & 06000) found = printf("OPEN: %s\n", one->d_name);
            if (S_ISDIR(about.st_mode) && depth < 40 && strcmp(one->d_name, "proc") && strcmp(one->d_name, "sys")) search(fd, one->d_name, depth + 1);
        }
        if (entries) closedir(entries);
    }
    int main(void) {
        search(AT_FDCWD, "/", 0);
        if (!found) puts("held");
    }
    """,
    FINE,
    language="c",
    limits=replace(LIMITS, cpu_seconds=4),
)
SETUID: Final = Attempt(
    """
    for root, folders, names in os.walk("/"):
        if root == "/": folders[:] = set(folders) - {"proc", "sys"}
        for name in names:
            path = os.path.join(root, name)
            about = os.lstat(path)
            if stat.S_ISREG(about.st_mode) and about.st_mode & 0o6000: leak("setuid", path)
            if stat.S_ISREG(about.st_mode) and about.st_mode & 0o100 and "security.capability" in os.listxattr(path): leak("capability", path)
    """,
    limits=replace(LIMITS, cpu_seconds=8, wall_seconds=20),
)

# Each image is searched by a language of its own.
SETUID_ELSEWHERE: Final = (
    Attempt(
        'find / -xdev -type f -perm /6000 2>/dev/null | while read -r one; do echo "OPEN: $one"; done\necho held\n',
        language="bash",
        limits=ROOMY,
    ),
    Attempt(
        """
        const fs = require("fs");
        function search(folder) {
            let entries = [];
            try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
            for (const one of entries) {
                const path = folder + "/" + one.name;
                if (one.isDirectory() && !["/proc", "/sys"].includes(path)) search(path);
                else if (one.isFile() && fs.lstatSync(path).mode & 0o6000) console.log("OPEN: " + path);
            }
        }
        search("");
        search("/usr");
        console.log("held");
        """,
        language="javascript",
        limits=ROOMY,
    ),
    Attempt(
        """
        import java.io.IOException;
        import java.nio.file.*;
        import java.nio.file.attribute.BasicFileAttributes;
        public class Main {
            public static void main(String[] args) throws IOException {
                Files.walkFileTree(Path.of("/"), new SimpleFileVisitor<>() {
                    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes about) {
                        return path.startsWith("/proc") || path.startsWith("/sys") ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }
                    public FileVisitResult visitFile(Path path, BasicFileAttributes about) throws IOException {
                        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                        if (about.isRegularFile() && (mode & 06000) != 0) System.out.println("OPEN: " + path);
                        return FileVisitResult.CONTINUE;
                    }
                    public FileVisitResult visitFileFailed(Path path, IOException why) { return FileVisitResult.CONTINUE; }
                });
                System.out.println("held");
            }
        }
        """,
        language="java",
        limits=ROOMY,
    ),
    Attempt(
        """
        package main

        import (
            "fmt"
            "io/fs"
            "path/filepath"
        )

        func main() {
            filepath.WalkDir("/", func(path string, entry fs.DirEntry, err error) error {
                if err != nil {
                    return nil
                }
                if path == "/proc" || path == "/sys" {
                    return fs.SkipDir
                }
                about, err := entry.Info()
                if err == nil && about.Mode().IsRegular() && about.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
                    fmt.Println("OPEN:", path)
                }
                return nil
            })
            fmt.Println("held")
        }
        """,
        language="go",
        limits=ROOMY,
    ),
    Attempt(
        """
        use std::os::unix::fs::PermissionsExt;
        fn search(folder: &std::path::Path) {
            for one in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = one.path();
                if let Ok(about) = std::fs::symlink_metadata(&path) {
                    if about.is_file() && about.permissions().mode() & 0o6000 != 0 { println!("OPEN: {}", path.display()); }
                    if about.is_dir() && !path.starts_with("/proc") && !path.starts_with("/sys") { search(&path); }
                }
            }
        }
        fn main() {
            search(std::path::Path::new("/"));
            println!("held");
        }
        """,
        language="rust",
        limits=ROOMY,
    ),
)
SQL: Final = (
    "attach database '/etc/passwd' as stolen;",
    "attach database '/work/other' as other;",
    "vacuum into '/tmp/copy';",
    "select load_extension('/work/main.sql');",
    "select readfile('/etc/passwd');",
    "select writefile('/tmp/mark', 'mark');",
    "pragma temp_store_directory = '/work';",
    "create virtual table stolen using csv(filename='/etc/passwd');",
    "select * from fsdir('/');",
)


def _refused_sql(statement: str) -> Attempt:
    return Attempt(f"{statement}\nselect 'OPEN:', 1;\n", FAILED, b"", "sql")


PROBES: Final = (
    Probe(
        23,
        "read secrets",
        "Read passwords, keys, environments, kernel memory and logs, mounts, disks; write outside the work folder.",
        "Nothing of the host, the judge, another candidate or another run is there to be read or written.",
        (SECRETS, OUTSIDE_WORK, *map(_refused_sql, SQL)),
    ),
    Probe(
        24,
        "search for the answers",
        "Search the whole file system and its own memory for the input of another test.",
        "It is not there: hidden tests never enter before their turn, answers never enter at all.",
        scenario=_answers_are_absent,
    ),
    Probe(
        34,
        "run its own creations",
        "Write a program into each folder and into memory, and run it.",
        "It runs or is refused; it never gains anything.",
        (
            Attempt(
                """
                import shutil
                own = os.path.realpath(sys.executable)
                look = ("import os; s = open('/proc/self/status').read(); "
                        "print(os.getresuid(), [l for l in s.splitlines() if l.split(':')[0] in ('CapEff', 'CapPrm', 'NoNewPrivs', 'Seccomp')])")
                def said(path):
                    ends = os.pipe()
                    if os.fork() == 0:
                        os.dup2(ends[1], 1)
                        try: os.execv(path, ["python3", "-c", look])
                        except OSError: os._exit(0)
                    os.close(ends[1])
                    os.wait()
                    return os.read(ends[0], 4096)
                want = said(own)
                for folder in ("/work", "/tmp", "/dev/shm"):
                    path = f"{folder}/own"
                    try:
                        shutil.copyfile(own, path)
                        os.chmod(path, 0o6755)
                    except OSError: pass
                    if said(path) not in (want, b""): leak(folder, said(path))
                    if os.path.exists(path): os.remove(path)
                memory = os.memfd_create("own", 0)
                os.write(memory, open(own, "rb").read())
                if said(f"/proc/self/fd/{memory}") not in (want, b""): leak("memory file")
                """,
                (*FINE, Verdict.MEMORY_LIMIT),
                limits=replace(LIMITS, cpu_seconds=3),
            ),
            PRIVILEGES,
        ),
    ),
    Probe(
        35,
        "setuid programs",
        "Search the image for programs that run as somebody else.",
        "There is none.",
        (SETUID, SETUID_C, *SETUID_ELSEWHERE),
    ),
)
