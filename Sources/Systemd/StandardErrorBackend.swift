internal import Glibc

/// Writes records to standard error, a line each, for terminals, containers and test runs.
///
/// A batch goes out in as few writes as possible. Where nobody reads, it waits; where nobody can read any more (a closed pipe or
/// descriptor, a full disk) the lines are given up. The log writer blocks SIGPIPE; others who use this must do so too.
package struct StandardErrorBackend: LogBackend {
    /// A write goes out when this much has come together, at the end of the record.
    private static let writeSize = 65_536

    private let identity: LogIdentity
    private let descriptor: CInt
    /// Kept between batches for its storage.
    private var bytes: [UInt8] = []

    package init(identity: LogIdentity, descriptor: CInt = STDERR_FILENO) {
        self.identity = identity
        self.descriptor = descriptor
    }

    package mutating func write(_ records: [LogRecord]) -> Int {
        var failed = 0
        var buffered = 0
        for record in records {
            LogLine.append(record, identity: identity, to: &bytes)
            buffered += 1
            if bytes.count >= Self.writeSize {
                if !flush() { failed += buffered }
                buffered = 0
            }
        }
        if !flush() { failed += buffered }
        return failed
    }

    private mutating func flush() -> Bool {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    // Somebody who shares the open file made it non-blocking (open(2)): wait as a blocking write would.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
