/* The supervisor: process 1 of a runner container. It reads one job from its standard input, runs every test of it, and
 * writes one frame per test. It knows no expected answer, so there is nothing in it worth stealing. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL 0x494e5601u /* "INV", version 1: the same number stands in sandbox/engines/wire.py */

enum cause { ENDED = 0, TIME = 1, WALL = 2, MEMORY = 3, OUTPUT = 4, NO_ARTEFACT = 5 };

struct limits {
    uint64_t cpu_us, wall_us, memory, output, errors, file;
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
};

struct job {
    struct limits limits, compile_limits;
    struct file *files;
    uint32_t file_count;
    char *artefact; /* "" when compiling leaves nothing behind */
    char **compile, **command;
    uint32_t compile_count, command_count;
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

/* wire.c: everything big-endian; any short read or write ends the process */
void read_job(struct job *job);
void send_result(char kind, const struct result *result);
void send_done(void);
_Noreturn void broken(const char *what);

/* store.c: files live in anonymous shared memory, not in our own, so that forked children stay small */
void store_open(void);
struct blob store_append_from_input(uint64_t size, void (*take)(void *, size_t));
struct blob store_append_file(int fd, uint64_t size);
int store_as_input(struct blob blob);
void store_copy(struct blob blob, int to);

/* folders.c */
void folders_open(void);
void folders_reset(const struct job *job);
bool keep_artefact(struct job *job);

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
void execute(char **argv, struct blob input, const struct limits *limits, struct result *result);
void release(struct result *result);

#endif
