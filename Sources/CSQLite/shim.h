#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast Swift cannot import: the bytes are copied before the call returns.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

// A function with a variable number of arguments is not imported either.
// No count is kept of all memory in use, which would take a lock around each allocation. Before the first connection is opened.
static inline int csqlite_keep_no_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
