#include <sqlite3.h>
#include <stdint.h>
#include <sys/vfs.h>

// Swift does not import variadic functions.
static inline int fr_sqlite3_no_checkpoint_on_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// Swift's Glibc module has no statfs. The f_type of the file system that a path is on, or -1; see statfs(2).
static inline int64_t fr_file_system_magic(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (int64_t)(uint32_t)status.f_type : -1;
}

// The first bytes of the main database's file, read through the connection's own handle; see sqlite3_io_methods.
static inline int fr_sqlite3_read_header(sqlite3 *db, uint8_t *bytes, int count) {
    sqlite3_file *file = 0;
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK) return code;
    if (!file || !file->pMethods) return SQLITE_MISUSE;
    return file->pMethods->xRead(file, bytes, count, 0);
}

// Swift does not import SQLITE_TRANSIENT, a pointer made from -1. SQLite copies the text.
static inline void fr_sqlite3_result_text(sqlite3_context *context, const char *text) {
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}
