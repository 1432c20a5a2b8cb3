#ifndef FRESHET_CPROCESS_H
#define FRESHET_CPROCESS_H

// No header of the system but for plain types: what another module defines differently would clash with it.
#include <stddef.h>
#include <stdint.h>

// What a program may use; a negative number limits nothing.
struct fr_limits {
    int64_t memory;
    int64_t processes;
    int64_t open_files;
    int64_t file_size;
};

// Starts a program in a session of its own; answers its number, or -1 with errno.
//
// fds[i] becomes descriptor i; all of them, and error_fd, are at least `count`, so that none is overwritten before it is
// copied. If the program cannot be executed, errno is written to error_fd, which closes otherwise.
// Swift has no place to stand between fork and exec, where only async-signal-safe calls are allowed: hence C.
int32_t fr_spawn(const char *path, char *const argv[], char *const envp[], const char *folder, const int *fds, int count,
                 int error_fd, struct fr_limits limits);

// Nobody else may read this process's memory, nor a core of it.
int fr_hide_memory(void);
// Orphans among the descendants become children of this process.
int fr_become_subreaper(void);
// Swift does not import variadic functions.
int fr_duplicate(int descriptor, int least);
int fr_pipe(int ends[2]);
int fr_set_nonblocking(int descriptor);
// A file in memory that nobody can change any more.
int fr_sealed_file(const void *bytes, size_t count);
// Tells of ended children by becoming readable.
int fr_child_signals(void);
// The next child that has ended: its number, 0 when none has, -1 when there are no children. What it ended with is in
// `code`: an exit status, or a signal where `signalled` is 1.
int32_t fr_reap(int *signalled, int *code);

#endif
