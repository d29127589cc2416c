/* The supervisor: process 1 of a runner container. It says that it is ready, reads one job from its standard input, runs
 * every test of it, and writes one frame per test. In a live job the host carries words between two such programs while
 * they run. It knows no expected answer, so there is nothing in it worth stealing. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL 0x494e5603u /* "INV", version 3: the same number stands in sandbox/engines/wire.py */

#define MAX_COLLECTED 16
#define PIECE 65536u /* the most that goes between host and program at once */

enum cause { ENDED = 0, TIME = 1, WALL = 2, MEMORY = 3, OUTPUT = 4, NO_ARTEFACT = 5 };

struct limits {
    uint64_t cpu_us, wall_us, memory, output, errors, file, processes;
    bool errors_count; /* too many words on standard error end it as too much output does: a compiler says all there */
};

struct blob { /* bytes in the store */
    off_t at;
    uint64_t size;
};

struct file {
    char *name;
    struct blob data;
    mode_t mode;
};

struct run {
    char **args; /* NULL-terminated */
    uint32_t count;
    struct blob input;
    struct file *files; /* of this run alone; they take the place of the job's */
    uint32_t file_count;
};

struct job {
    struct limits limits, compile_limits;
    struct file *files;
    uint32_t file_count;
    char *artefact; /* "" when compiling leaves nothing behind */
    char **compile, **command;
    uint32_t compile_count, command_count;
    bool live; /* input comes from the host while a run lasts, and output goes to it at once */
    char **collect; /* what each run may leave for the host */
    uint32_t collect_count;
    struct run *runs;
    uint32_t run_count;
};

struct capture { /* what came out of one pipe; `cut` when there was more than `cap` */
    char *bytes;
    uint64_t size, cap;
    bool cut;
};

struct result {
    enum cause cause;
    int exit_code, signal; /* -1 and 0 when they do not apply */
    bool oom;
    uint64_t cpu_us, wall_us, peak;
    struct capture out, err;
};

struct kept { /* a file that a run left */
    int fd;
    uint32_t index; /* its place in job.collect */
    uint64_t size;
};

/* wire.c: everything big-endian; any short read or write ends the process */
void send_ready(void);
void read_job(struct job *job);
void send_result(char kind, const struct result *result, const struct kept *kept, uint32_t kept_count);
void send_done(void);
_Noreturn void broken(const char *what);

/* live.c: the host's words during a live job */
void live_await_start(void);    /* drops what still came for the run before */
void live_open(int to_program); /* whom the host's words are for */
int live_poll_program(void);    /* the program's input while words wait for it, else -1 */
bool live_speaks(void);         /* whether the host has something to take */
bool live_may_speak(void);      /* whether the other program has taken all that ours said */
void live_hear(void);           /* the host has something */
void live_feed(void);           /* the program can take something */
void live_speak(const char *bytes, size_t size);
void live_flush(void); /* the host can take something */
void live_wait_for_host(bool to_take);
void live_close(void); /* until the other side has everything */

/* store.c: files live in anonymous shared memory, not in our own, so that forked children stay small */
void store_open(void);
struct blob store_append_from_input(uint64_t size, void (*take)(void *, size_t));
struct blob store_append_file(int fd, uint64_t size);
int store_as_input(struct blob blob);
void store_copy(struct blob blob, int to);

/* folders.c */
void folders_open(void);
void folders_reset(const struct job *job, const struct run *run); /* `run` is NULL for the compiler */
bool keep_artefact(struct job *job);
uint32_t collect(const struct job *job, struct kept *kept); /* at most limits.output bytes together; how many */

/* meter.c: the container's own cgroup, version 1 or 2; zeros where it cannot be read */
void meter_open(void);
struct cpu { /* microseconds since the container began: of the cgroup, of us, of the children we reaped */
    uint64_t group, own, reaped;
};
struct cpu meter_cpu(void);
uint64_t meter_cpu_us(const struct cpu *before);
uint64_t meter_memory(void);
uint64_t meter_oom_kills(void);
uint64_t clock_us(void);

/* execute.c */
void execute_open(void);
void execute(char **argv, struct blob input, bool live, const struct limits *limits, struct result *result);
void release(struct result *result);

#endif
