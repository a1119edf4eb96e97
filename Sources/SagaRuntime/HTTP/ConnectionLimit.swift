import Glibc

/// How many connections a listener holds at a time. Beyond it, accepting pauses until one ends; what comes meanwhile waits in the
/// kernel's queue.
package enum ConnectionLimit {
    /// People with `sagactl`, whom no client can crowd out.
    static let operators = 64

    /// Bounds the memory, at some tens of kilobytes each, and leaves enough of the process's descriptors to everything else.
    static var clients: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return most }
        return clients(of: Int(clamping: limit.rlim_cur))
    }

    private static let most = 4096
    private static let fewest = 16
    /// For the operators' connections, and 96 for the database, whose readers take three each, the transport and the event loops.
    private static let others = operators + 96

    package static func clients(of descriptors: Int) -> Int {
        min(max(descriptors - others, fewest), most)
    }
}
