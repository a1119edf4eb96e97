internal import CSystemd
internal import Glibc

/// Writes records to the journal with their fields: sd_journal_sendv(3), systemd.journal-fields(7).
///
/// The call waits when journald does not read, and succeeds without doing anything where there is no journal. A record that was sent is in
/// journald's hands and survives the end of this process.
package struct JournalBackend: LogBackend {
    /// Does what `sd_journal_sendv` does: 0, or a negative errno.
    typealias Send = @Sendable (UnsafePointer<iovec>, CInt) -> CInt

    private let identity: LogIdentity
    private let send: Send
    /// Kept between records for their storage.
    private var fields = Fields()

    package init(identity: LogIdentity) {
        self.init(identity: identity) { sd_journal_sendv($0, $1) }
    }

    init(identity: LogIdentity, send: @escaping Send) {
        self.identity = identity
        self.send = send
    }

    package mutating func write(_ records: [LogRecord]) -> Int {
        var failed = 0
        for record in records {
            fields.removeAll()
            fields.append(of: record, identity: identity)
            if fields.withVectors(send) < 0 { failed += 1 }
        }
        return failed
    }

    /// Whether the descriptor is a connection to the journal made by systemd, by the device and inode in `JOURNAL_STREAM`
    /// (systemd.exec(5)). A redirection in the meantime, in a shell for instance, shows as another inode.
    package static func isConnected(to descriptor: CInt, environment: ServiceEnvironment = .process) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}

extension JournalBackend {
    /// The `NAME=value` fields of one record, one after the other in one buffer.
    private struct Fields: Sendable {
        private var bytes: [UInt8] = []
        private var ends: [Int] = []

        mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
        }

        mutating func append(of record: LogRecord, identity: LogIdentity) {
            append("MESSAGE", record.message)
            append("PRIORITY", String(record.level.syslogPriority))
            append("SYSLOG_IDENTIFIER", identity.identifier)
            if let messageID = record.messageID { append("MESSAGE_ID", messageID) }
            for (name, value) in identity.fields.elements { append(name, prefix: identity.fieldPrefix) { value.append(to: &$0) } }
            for (name, value) in record.fields.elements { append(name, prefix: identity.fieldPrefix) { value.append(to: &$0) } }
        }

        private mutating func append(_ name: String, _ value: String) {
            append(name, prefix: "") { $0.append(contentsOf: value.utf8) }
        }

        private mutating func append(_ name: String, prefix: String, _ value: (inout [UInt8]) -> Void) {
            LogFieldName.appendJournalName(name, prefix: prefix, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            value(&bytes)
            ends.append(bytes.count)
        }

        mutating func withVectors(_ body: (UnsafePointer<iovec>, CInt) -> CInt) -> CInt {
            bytes.withUnsafeMutableBytes { bytes in
                withUnsafeTemporaryAllocation(of: iovec.self, capacity: ends.count) { vectors in
                    var start = 0
                    for (index, end) in ends.enumerated() {
                        vectors.initializeElement(at: index, to: iovec(iov_base: bytes.baseAddress! + start, iov_len: end - start))
                        start = end
                    }
                    return body(vectors.baseAddress!, CInt(ends.count))
                }
            }
        }
    }
}
