"""What every hostile program starts with: it knows which way it was asked to go, and how to look around afterwards.

Asked to go the way "after", a program does no harm: it looks for processes and files that an earlier run left, and
says "clean" when there are none. The words after "after" are the names that belong in the work folder.
"""

from __future__ import annotations

from typing import Final

from sandbox.hostile.calls import NUMBERS

AFTER: Final = "after"
HELD: Final = b"held\n"
OPEN: Final = b"OPEN:"

PYTHON: Final = f"""
import ctypes, errno, fcntl, os, platform, resource, signal, socket, stat, struct, sys, time
way = sys.argv[1] if len(sys.argv) > 1 else ""
def leak(*words): print("OPEN:", *words, flush=True)
if way == "after":
    strangers = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]
    dirt = [f"{{folder}}/{{name}}" for folder in ("/work", "/tmp", "/dev/shm", "/dev/mqueue") if os.path.isdir(folder)
            for name in os.listdir(folder) if folder != "/work" or name not in sys.argv[2:]]
    print("clean" if not strangers and not dirt else f"left behind: {{strangers}} {{dirt[:9]}}")
    sys.exit()
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {NUMBERS!r}
MACHINE = 1 if platform.machine() in ("aarch64", "arm64") else 0
REFUSALS = (errno.EPERM, errno.ENOSYS)
def refused(name, *args, also=()):
    number = NUMBERS[name][MACHINE]
    child = os.fork() if number >= 0 else -1
    if child == 0:
        ctypes.set_errno(0)
        done = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(one) if isinstance(one, int) else one for one in args))
        os._exit(255 if done >= 0 else 0 if ctypes.get_errno() in (*REFUSALS, *also) else ctypes.get_errno())
    if child < 0: return
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS: return
    if status: leak(name, args, "done" if status == 255 << 8 else f"status {{status:x}}")
def closed(what, action):
    try: got = action()
    except (OSError, ValueError): return
    leak(what, got)
"""

C: Final = r"""
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static const char *way = "";
static inline int is(const char *name) { return !strcmp(way, name); }
static inline int dirty(const char *folder, int argc, char **argv) {
    DIR *entries = opendir(folder);
    int found = 0;
    for (struct dirent *one; entries && (one = readdir(entries));) {
        int known = !strcmp(one->d_name, ".") || !strcmp(one->d_name, "..");
        for (int i = 2; i < argc; i++) known |= !strcmp(folder, "/work") && !strcmp(one->d_name, argv[i]);
        if (!known) printf("left behind: %s/%s\n", folder, one->d_name);
        found |= !known;
    }
    if (entries) closedir(entries);
    return found;
}
__attribute__((constructor)) static void look_around(int argc, char **argv) {
    if (argc > 1) way = argv[1];
    if (!is("after")) return;
    int found = dirty("/work", argc, argv) | dirty("/tmp", argc, argv) | dirty("/dev/shm", argc, argv);
    DIR *entries = opendir("/proc");
    for (struct dirent *one; entries && (one = readdir(entries));) {
        int pid = atoi(one->d_name);
        if (pid > 1 && pid != getpid()) found = printf("left behind: process %d\n", pid);
    }
    if (!found) puts("clean");
    fflush(stdout);
    _exit(0);
}
"""
