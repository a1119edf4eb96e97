import Glibc
import Synchronization

/// How much room is left where the state is.
///
/// New work ends before the disk is full, so that what has been taken on can be finished: every order costs several more commits,
/// here and at the others. Looks when somebody asks, at most once a second; a service that is at rest does not look at all.
package final class DiskSpace: Sendable {
    package struct Room: Sendable, Equatable, CustomStringConvertible {
        package let available: UInt64
        package let size: UInt64

        package init(available: UInt64, size: UInt64) {
            self.available = available
            self.size = size
        }

        package var description: String { "\(available / 1024) KiB are left, \(needed / 1024) KiB are needed" }

        /// 64 MiB is several minutes of orders at full speed; on a file system where that is much, a twentieth of it.
        package var needed: UInt64 { min(64 << 20, size / 20) }

        package var isShort: Bool { available < needed }
    }

    private struct Look {
        var next: ContinuousClock.Instant
        var shortage: String?
    }

    private let directory: String
    private let becameShort: @Sendable (String) -> Void
    private let last = Mutex<Look?>(nil)
    private static let interval = Duration.seconds(1)

    /// - Parameter becameShort: called with the words for it when there was enough room before.
    package init(directory: String, becameShort: @escaping @Sendable (String) -> Void = { _ in }) {
        self.directory = directory
        self.becameShort = becameShort
    }

    /// In words; nil while there is enough room, or nobody knows.
    package var shortage: String? {
        let now = ContinuousClock.now
        return last.withLock { last in
            if let last, now < last.next { return last.shortage }
            let shortage = look().flatMap { room in
                room.isShort ? "the disk of \(directory) is almost full, new orders are refused: \(room)" : nil
            }
            if let shortage, last?.shortage == nil { becameShort(shortage) }
            last = Look(next: now + DiskSpace.interval, shortage: shortage)
            return shortage
        }
    }

    private func look() -> Room? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        let unit = UInt64(status.f_frsize)
        // What is reserved for root is nothing to a daemon.
        return Room(available: UInt64(status.f_bavail) * unit, size: UInt64(status.f_blocks) * unit)
    }
}
