import NIOCore
import Posix

/// How many connections a listener holds at a time, and how many descriptors a daemon needs for that and for everything else.
package enum ConnectionLimit {
    /// People with `sagactl`, whom no client can crowd out.
    package static let operators = 64

    /// People who may look and change nothing.
    package static let readers = 32

    /// Who looks at the metrics: a few servers, perhaps two of each.
    package static let scrapers = 16

    /// Bounds the memory, at some tens of kilobytes each, and leaves enough of the process's descriptors to everything else.
    package static var clients: Int {
        clients(of: ProcessLimits.openFiles, cores: System.coreCount)
    }

    private static let most = 4096
    private static let fewest = 16

    /// For the connections of operators, readers and scrapers, for those that come when all places are taken, three for each event loop, and 64 for the database,
    /// whose readers take three each, and the transport.
    private static func others(cores: Int) -> Int {
        operators + readers + scrapers + 4 * ConnectionPlaces.reserve + 3 * cores + 64
    }

    package static func clients(of descriptors: Int, cores: Int) -> Int {
        min(max(descriptors - others(cores: cores), fewest), most)
    }

    /// Why there is no use in starting; nil if there is.
    package static var shortage: String? {
        let (limit, needed) = (ProcessLimits.openFiles, others(cores: System.coreCount) + fewest)
        guard limit < needed else { return nil }
        return "too few files may be open: the limit is \(limit), needed are \(needed) (ulimit -n, or LimitNOFILE= of the unit)"
    }
}
