#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CProcess.h"

static void fr_limit(int resource, int64_t value) {
    struct rlimit limit;
    if (value < 0 || getrlimit(resource, &limit) != 0) return;
    // Never more than there was: raising the hard limit needs a privilege.
    if (limit.rlim_max == RLIM_INFINITY || (rlim_t)value < limit.rlim_max) limit.rlim_max = (rlim_t)value;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(resource, &limit);
}

pid_t fr_spawn(const char *path, char *const argv[], char *const envp[], const char *folder,
               const int *fds, int count, int error_fd, struct fr_limits limits) {
    pid_t keeper = getpid();
    pid_t child = fork();
    if (child != 0) return child;

    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, 0);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The keeper may have died before that.
    if (getppid() != keeper) _exit(127);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // When memory runs out, the program goes before the daemon; see proc(5).
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0) {
        if (write(score, "500", 3) < 0) { /* It is a preference only. */ }
        close(score);
    }
    umask(077);
    int failure = 0;
    for (int target = 0; target < count && !failure; target++) {
        if (dup2(fds[target], target) < 0) failure = errno;
    }
    syscall(SYS_close_range, (unsigned)count, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
    if (!failure && folder && chdir(folder) != 0) failure = errno;
    fr_limit(RLIMIT_CORE, 0);
    fr_limit(RLIMIT_FSIZE, limits.file_size);
    fr_limit(RLIMIT_NOFILE, limits.open_files);
    fr_limit(RLIMIT_NPROC, limits.processes);
    fr_limit(RLIMIT_DATA, limits.memory);
    if (!failure) {
        execve(path, argv, envp);
        failure = errno;
    }
    if (write(error_fd, &failure, sizeof failure) < 0) { /* Nobody is left to tell. */ }
    _exit(127);
}

int fr_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
int fr_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
int fr_duplicate(int descriptor, int least) { return fcntl(descriptor, F_DUPFD_CLOEXEC, least); }
int fr_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
int fr_set_nonblocking(int descriptor) {
    return fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}
int fr_sealed_file(const void *bytes, size_t count) {
    int descriptor = memfd_create("freshet", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    for (size_t done = 0; done < count;) {
        ssize_t written = write(descriptor, (const char *)bytes + done, count - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) { close(descriptor); return -1; }
        done += (size_t)written;
    }
    fcntl(descriptor, 1033 /* F_ADD_SEALS */, 15 /* F_SEAL_SEAL | SHRINK | GROW | WRITE */);
    lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}
int fr_child_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, 0);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
pid_t fr_reap(int *signalled, int *code) {
    siginfo_t info;
    info.si_pid = 0;
    int answer;
    do { answer = waitid(P_ALL, 0, &info, WEXITED | WNOHANG); } while (answer != 0 && errno == EINTR);
    if (answer != 0) return -1;
    *signalled = info.si_code != CLD_EXITED;
    *code = info.si_status;
    return info.si_pid;
}
