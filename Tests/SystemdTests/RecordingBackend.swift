import Foundation
import Synchronization

@testable import Systemd

/// A backend that passes on what it is given, and can be closed like a journal that nobody reads.
final class RecordingBackend: LogBackend {
    private let records: AsyncStream<LogRecord>
    private let feed: AsyncStream<LogRecord>.Continuation
    private let gate = NSCondition()
    private let isOpen: Mutex<Bool>
    private let isFailing = Mutex(false)

    init(isOpen: Bool = true) {
        (records, feed) = AsyncStream.makeStream(of: LogRecord.self)
        self.isOpen = Mutex(isOpen)
    }

    func open() {
        gate.withLock {
            isOpen.withLock { $0 = true }
            gate.broadcast()
        }
    }

    func fail(_ fails: Bool) { isFailing.withLock { $0 = fails } }

    func write(_ records: [LogRecord]) -> Int {
        gate.withLock {
            while !isOpen.withLock({ $0 }) { gate.wait() }
        }
        if isFailing.withLock({ $0 }) { return records.count }
        for record in records { feed.yield(record) }
        return 0
    }

    func next() async -> LogRecord? {
        var iterator = records.makeAsyncIterator()
        return await iterator.next()
    }
}

extension LogFields {
    /// `name=value`, for comparisons.
    var texts: [String] {
        elements.map { name, value in
            var bytes: [UInt8] = []
            value.append(to: &bytes)
            return "\(name)=\(String(decoding: bytes, as: UTF8.self))"
        }
    }
}
