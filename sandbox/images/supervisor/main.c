#define _GNU_SOURCE
#include "supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A tool that the image lacks is our failure; without this it would look like the candidate's. */
static void check_tool(char **command, uint32_t count) {
    if (count > 0 && command[0][0] == '/' && access(command[0], X_OK) < 0) broken("the image lacks a tool of this language");
}

static bool compile(struct job *job) {
    struct result result;
    folders_reset(job, NULL);
    execute(job->compile, (struct blob){0, 0}, false, &job->compile_limits, &result);
    bool good = result.cause == ENDED && result.exit_code == 0;
    if (good && *job->artefact && !keep_artefact(job)) {
        result.cause = NO_ARTEFACT;
        good = false;
    }
    send_result('C', &result, NULL, 0);
    release(&result);
    return good;
}

static void run(const struct job *job, const struct run *test) {
    struct result result;
    char **argv = calloc(job->command_count + test->count + 1, sizeof *argv);
    if (!argv) broken("out of memory");
    memcpy(argv, job->command, job->command_count * sizeof *argv);
    memcpy(argv + job->command_count, test->args, test->count * sizeof *argv);
    struct kept kept[MAX_COLLECTED];
    if (job->live) live_await_start();
    folders_reset(job, test);
    execute(argv, test->input, job->live, &job->limits, &result);
    free(argv);
    uint32_t count = collect(job, kept);
    send_result('R', &result, kept, count);
    for (uint32_t i = 0; i < count; i++) close(kept[i].fd);
    release(&result);
}

int main(void) {
    /* Non-dumpable: nobody with our user id can trace us, read our memory or open our descriptors through /proc.
     * As process 1 we also ignore every signal from inside, SIGKILL included. */
    if (prctl(PR_SET_DUMPABLE, 0) < 0 || getpid() != 1) broken("not started as process 1 of a container");
    fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN); /* a host that went away is seen by the write; programs get the default back */
    struct job job = {0};
    store_open();
    folders_open();
    meter_open();
    execute_open();
    send_ready();
    read_job(&job);
    job.compile_limits.errors_count = true;
    if (job.command_count == 0) broken("the job has no command");
    check_tool(job.compile, job.compile_count);
    check_tool(job.command, job.command_count);
    if (job.compile_count == 0 || compile(&job))
        for (uint32_t i = 0; i < job.run_count; i++) run(&job, &job.runs[i]);
    send_done();
    return 0;
}
