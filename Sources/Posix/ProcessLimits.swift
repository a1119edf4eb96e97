import CMalloc
import Glibc

/// What a process may take from the system.
package enum ProcessLimits {
    /// As many files as the administrator lets it open. The soft limit is 1024 nearly everywhere, for programs that use select(2).
    package static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many files may be open at a time.
    package static var openFiles: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// glibc gives its threads up to eight arenas for each core (mallopt(3)), and what is free in one is of no use in another: while
    /// threads of the pool come and go, a process would grow for hours without holding more.
    ///
    /// Without fast bins what is freed is joined with its neighbours at once, and not all of it at some time in the middle of a batch: that
    /// takes 2 % less.
    package static func boundArenas() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MXFAST, 0)
    }
}
