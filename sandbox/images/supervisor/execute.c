#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 10
#define MAX_OPEN 256

static int deaths = -1; /* readable when a child has died */

struct session { /* one program while it runs */
    pid_t main;
    bool over, live;
    int status, out, err;
    struct cpu cpu_before;
    uint64_t started, memory_before, oom_before, maxrss;
};

void execute_open(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    deaths = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (deaths < 0) broken("cannot watch for deaths");
}

/* A program is stopped a tenth past its limit: then the host sees which ones came near it and runs those again. The
 * verdict goes by the limit itself. */
static uint64_t patience(uint64_t limit_us) { return limit_us + limit_us / 10u + 10000u; }

static void cap(int which, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {soft, hard};
    setrlimit(which, &limit);
}

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) (void)!write(fd, text, strlen(text));
    if (fd >= 0) close(fd);
}

static _Noreturn void become(char **argv, int in, int out, int err, const struct limits *limits) {
    static char *const ENVIRONMENT[] = {"PATH=/usr/bin:/bin", "HOME=/tmp",         "TMPDIR=/tmp", "LANG=C.UTF-8",
                                        "LC_ALL=C.UTF-8",     "PYTHONHASHSEED=0", NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 1); /* else our own /proc entry is not ours, and the next line fails */
    write_text("/proc/self/oom_score_adj", "1000");
    dup2(in, 0), dup2(out, 1), dup2(err, 2);
    uint64_t seconds = patience(limits->cpu_us) / 1000000u + 2;
    cap(RLIMIT_CPU, seconds, seconds + 1);
    cap(RLIMIT_FSIZE, limits->file, limits->file);
    /* The stack may be as large as the memory limit, which watches it; and threads get the usual two megabytes. */
    cap(RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY);
    cap(RLIMIT_NOFILE, MAX_OPEN, MAX_OPEN);
    /* Not 0: a host that pipes core dumps to a program of its own starts it even then, but not for 1 (core(5)). */
    cap(RLIMIT_CORE, 1, 1);
    /* The kernel counts by user id, and each container has one of its own; we are the one more. */
    cap(RLIMIT_NPROC, limits->processes + 1, limits->processes + 1);
    umask(022);
    if (chdir("/work") == 0) execve(argv[0], argv, ENVIRONMENT);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) broken("cannot make a pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* True while the pipe may still bring something. Past the cap we read on and forget, so that nobody blocks. What comes
 * in a live run goes on to the host, a piece at a time, and the program waits while the host has not taken it. */
static bool drain(int fd, struct capture *capture, bool live) {
    static char scrap[PIECE];
    while (!live || live_may_speak()) {
        bool full = capture->size == capture->cap;
        uint64_t room = full ? sizeof scrap : capture->cap - capture->size;
        if (live && room > PIECE) room = PIECE;
        char *to = full ? scrap : capture->bytes + capture->size;
        ssize_t got = read(fd, to, room);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 && errno == EAGAIN;
        if (full) {
            capture->cut = true;
            return true; /* back to the limits: a flood must not keep us here */
        }
        capture->size += (uint64_t)got;
        if (live) live_speak(to, (size_t)got);
    }
    return true;
}

static void reap(struct session *session, int options) {
    struct rusage usage;
    int status;
    for (pid_t pid; (pid = wait4(-1, &status, options, &usage)) > 0;) {
        if ((uint64_t)usage.ru_maxrss * 1024u > session->maxrss) session->maxrss = (uint64_t)usage.ru_maxrss * 1024u;
        if (pid == session->main) session->over = true, session->status = status;
    }
}

static void measure(struct session *session, struct result *result) {
    uint64_t memory = meter_memory(), ours = session->memory_before + result->out.size + result->err.size;
    uint64_t peak = memory > ours ? memory - ours : 0;
    if (session->maxrss > peak) peak = session->maxrss;
    if (peak > result->peak) result->peak = peak;
    result->cpu_us = meter_cpu_us(&session->cpu_before);
    result->wall_us = clock_us() - session->started;
    result->oom = meter_oom_kills() > session->oom_before;
}

static enum cause judge(const struct result *result, const struct limits *limits) {
    if (result->oom || result->peak > limits->memory) return MEMORY;
    if (result->cpu_us > patience(limits->cpu_us)) return TIME;
    if (result->wall_us > patience(limits->wall_us)) return WALL;
    return result->out.cut || (limits->errors_count && result->err.cut) ? OUTPUT : ENDED;
}

static void watch(struct session *session, const struct limits *limits, struct result *result) {
    enum { OUT, ERR, DEATHS, HOST, PROGRAM, SPEECH, ENDS };
    struct pollfd ends[ENDS] = {{session->out, POLLIN, 0}, {session->err, POLLIN, 0}, {deaths, POLLIN, 0},
                                {STDIN_FILENO, 0, 0},      {-1, POLLOUT, 0},          {-1, POLLOUT, 0}};
    bool out_open = true;
    for (uint64_t next = 0; !session->over && result->cause == ENDED;) {
        if (session->live) {
            ends[HOST].events = POLLIN;
            ends[PROGRAM].fd = live_poll_program();
            ends[SPEECH].fd = live_speaks() ? STDOUT_FILENO : -1;
            ends[OUT].fd = out_open && live_may_speak() ? session->out : -1;
        }
        poll(ends, ENDS, TICK_MS);
        if (ends[HOST].revents & (POLLHUP | POLLERR | POLLNVAL)) _exit(0); /* the host has gone; with us everybody dies */
        if (ends[SPEECH].fd >= 0 && ends[SPEECH].revents) live_flush();
        if (ends[HOST].revents & POLLIN) live_hear();
        if (ends[PROGRAM].fd >= 0 && ends[PROGRAM].revents) live_feed();
        if (ends[OUT].fd >= 0 && ends[OUT].revents && !drain(session->out, &result->out, session->live)) ends[OUT].fd = -1, out_open = false;
        if (ends[ERR].revents && !drain(session->err, &result->err, false)) ends[ERR].fd = -1;
        struct signalfd_siginfo died;
        while (read(deaths, &died, sizeof died) > 0) continue;
        reap(session, WNOHANG);
        if (clock_us() < next && !result->out.cut && !(limits->errors_count && result->err.cut)) continue; /* chatter does not make us measure more often */
        next = clock_us() + TICK_MS * 1000u;
        if (!session->over) {
            measure(session, result);
            result->cause = judge(result, limits);
        }
    }
}

static void open_capture(struct capture *capture, uint64_t size) {
    *capture = (struct capture){.cap = size};
    capture->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (capture->bytes == MAP_FAILED) broken("no room for the output");
}

void release(struct result *result) {
    munmap(result->out.bytes, result->out.cap);
    munmap(result->err.bytes, result->err.cap);
}

/* What is left in the pipe of a live run still goes to the host, which must take it before the result. */
static void drain_rest(const struct session *session, struct result *result) {
    while (session->live) {
        live_close();
        uint64_t before = result->out.size;
        drain(session->out, &result->out, true);
        if (result->out.size == before) return;
    }
    drain(session->out, &result->out, false);
}

void execute(char **argv, struct blob input, bool live, const struct limits *limits, struct result *result) {
    int out[2], err[2], in[2] = {-1, -1};
    if (live) {
        if (pipe2(in, O_CLOEXEC) < 0) broken("cannot make a pipe");
        live_open(in[1]);
    } else
        in[0] = store_as_input(input);
    *result = (struct result){.cause = ENDED, .exit_code = -1};
    open_capture(&result->out, limits->output);
    open_capture(&result->err, limits->errors);
    make_pipe(out), make_pipe(err);
    struct session session = {.live = live, .out = out[0], .err = err[0], .memory_before = meter_memory(), .oom_before = meter_oom_kills()};
    session.cpu_before = meter_cpu();
    session.started = clock_us();
    session.main = fork();
    if (session.main < 0) broken("cannot fork");
    if (session.main == 0) become(argv, in[0], out[1], err[1], limits);
    close(in[0]), close(out[1]), close(err[1]);
    watch(&session, limits, result);
    uint64_t wall = clock_us() - session.started;
    kill(-1, SIGKILL); /* everybody but us, at once: forks in flight die with the rest */
    reap(&session, __WALL);
    drain_rest(&session, result); /* all they ever wrote is in the pipes by now */
    drain(err[0], &result->err, false);
    close(out[0]), close(err[0]);
    measure(&session, result);
    result->wall_us = wall;
    if (result->cause == ENDED) result->cause = judge(result, limits);
    if (WIFEXITED(session.status)) result->exit_code = WEXITSTATUS(session.status);
    if (WIFSIGNALED(session.status)) result->signal = WTERMSIG(session.status);
}
