import CSystemd
import Foundation
import Logging
import Synchronization
import Testing
import Wire

@testable import Systemd

@Suite("The journal")
struct JournalBackendTests {
    private final class Journal: Sendable {
        let entries = Mutex<[[String]]>([])
        let result: CInt

        init(result: CInt = 0) { self.result = result }

        func backend(shared: LogFields = [:]) -> JournalBackend {
            JournalBackend(identity: LogIdentity(identifier: "saga-test", fieldPrefix: "SAGA_", fields: shared)) { vectors, count in
                let fields = UnsafeBufferPointer(start: vectors, count: Int(count)).map {
                    String(decoding: UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len), as: UTF8.self)
                }
                self.entries.withLock { $0.append(fields) }
                return self.result
            }
        }
    }

    @Test("An entry has the standard fields, the shared ones and its own, values verbatim")
    func fields() {
        let journal = Journal()
        var backend = journal.backend(shared: ["service": "order"])
        let failed = backend.write([
            LogRecord(
                level: .info, message: "Order approved\nat last", fields: ["order_id": "1", "transition": "A→B = \"c\""],
                messageID: "0123456789abcdef0123456789abcdef"),
            LogRecord(level: .warning, message: ""),
        ])
        #expect(failed == 0)
        #expect(
            journal.entries.withLock { $0 } == [
                [
                    "MESSAGE=Order approved\nat last", "PRIORITY=6", "SYSLOG_IDENTIFIER=saga-test",
                    "MESSAGE_ID=0123456789abcdef0123456789abcdef", "SAGA_SERVICE=order", "SAGA_ORDER_ID=1", "SAGA_TRANSITION=A→B = \"c\"",
                ],
                ["MESSAGE=", "PRIORITY=4", "SYSLOG_IDENTIFIER=saga-test", "SAGA_SERVICE=order"],
            ])
    }

    @Test(
        "Names are made acceptable to journald",
        arguments: [
            ("order_id", "SAGA_ORDER_ID"),
            ("hb.request-id", "SAGA_HB_REQUEST_ID"),
            ("_private", "SAGA__PRIVATE"),
            ("2nd", "SAGA_2ND"),
            ("a=b\nMESSAGE", "SAGA_A_B_MESSAGE"),
            ("é", "SAGA___"),
            (String(repeating: "x", count: 100), "SAGA_" + String(repeating: "X", count: 59)),
        ])
    func names(name: String, expected: String) {
        let journal = Journal()
        var backend = journal.backend()
        var fields = LogFields()
        fields.append(name, "v")
        _ = backend.write([LogRecord(level: .info, message: "m", fields: fields)])
        #expect(journal.entries.withLock { $0[0].last } == "\(expected)=v")
    }

    @Test("An id is a field's value as its text")
    func ids() {
        let journal = Journal()
        var backend = journal.backend()
        var fields = LogFields(capacity: 1)
        fields.append("order_id", ID<Never>(bits: 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF))
        _ = backend.write([LogRecord(level: .info, message: "m", fields: fields)])
        #expect(journal.entries.withLock { $0[0].last } == "SAGA_ORDER_ID=01234567-89ab-cdef-0123-456789abcdef")
    }

    @Test(
        "Levels become the priorities of syslog",
        arguments: zip(Logger.Level.allCases, ["7", "7", "6", "5", "4", "3", "2"]))
    func priorities(level: Logger.Level, expected: String) {
        let journal = Journal()
        var backend = journal.backend()
        _ = backend.write([LogRecord(level: level, message: "m")])
        #expect(journal.entries.withLock { $0[0][1] } == "PRIORITY=\(expected)")
    }

    @Test("What journald refuses is counted")
    func failures() {
        var backend = Journal(result: -ENOBUFS).backend()
        #expect(backend.write([LogRecord(level: .info, message: "a"), LogRecord(level: .info, message: "b")]) == 2)
    }

    @Test("The journal is used only where JOURNAL_STREAM names the very file behind the descriptor")
    func journalStream() throws {
        let descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        func isConnected(_ stream: String?) -> Bool {
            JournalBackend.isConnected(to: descriptor, environment: ServiceEnvironment(stream.map { ["JOURNAL_STREAM": $0] } ?? [:]))
        }
        #expect(isConnected("\(status.st_dev):\(status.st_ino)"))
        #expect(!isConnected("\(status.st_dev):\(status.st_ino + 1)"))
        #expect(!isConnected("\(status.st_dev + 1):\(status.st_ino)"))
        #expect(!isConnected(""))
        #expect(!isConnected(nil))
        #expect(!JournalBackend.isConnected(to: -1, environment: ServiceEnvironment(["JOURNAL_STREAM": "1:1"])))
    }

    @Test("sd_journal_sendv itself accepts what we make, also where there is no journal")
    func realFunction() {
        var backend = JournalBackend(identity: LogIdentity(identifier: "saga-test", fieldPrefix: "SAGA_"))
        #expect(backend.write([LogRecord(level: .debug, message: "a test of the journal backend", fields: ["order_id": "1"])]) == 0)
    }
}
