import Foundation
import Logging
import Testing

@testable import Systemd

@Suite("Standard error", .timeLimit(.minutes(1)))
struct StandardErrorBackendTests {
    private static let identity = LogIdentity(identifier: "test", fieldPrefix: "TEST_")

    private func records(_ count: Int, messageLength: Int) -> [LogRecord] {
        let message = String(repeating: "m", count: messageLength)
        return (0..<count).map { LogRecord(level: .info, message: message, fields: ["index": String($0)]) }
    }

    @Test("A batch goes out in one write")
    func oneWrite() throws {
        // A write to such a socket is a packet of its own.
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var backend = StandardErrorBackend(identity: Self.identity, descriptor: ends[0])
        #expect(backend.write(records(50, messageLength: 100)) == 0)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(ends[1], &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(buffer[..<max(count, 0)].count { $0 == UInt8(ascii: "\n") } == 50)
    }

    @Test("A pipe that is full and does not block is waited for, and no line is torn")
    func fullPipe() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        let sink = LogSink(backend: StandardErrorBackend(identity: Self.identity, descriptor: descriptor))
        for record in records(5000, messageLength: 100) { sink.enqueue(record) }
        #expect(!sink.drain(timeout: .milliseconds(20)))

        let output = Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }
        #expect(sink.drain(timeout: .seconds(30)))
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: await output.value, as: UTF8.self).split(separator: "\n")
        let indexes = lines.compactMap { $0.split(separator: "=").last }.map(String.init)
        #expect(indexes == (0..<5000).map { String($0) })
        #expect(sink.droppedCount == 0)
    }

    @Test("A pipe that nobody reads any more costs the records, not the process")
    func closedPipe() throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let sink = LogSink(
            backend: StandardErrorBackend(identity: Self.identity, descriptor: pipe.fileHandleForWriting.fileDescriptor))
        for record in records(3, messageLength: 10) { sink.enqueue(record) }
        #expect(sink.drain(timeout: .seconds(30)))
        #expect(sink.droppedCount == 3)
    }

    @Test("A closed descriptor costs the records, not the process")
    func closedDescriptor() {
        var backend = StandardErrorBackend(identity: Self.identity, descriptor: -1)
        #expect(backend.write(records(2, messageLength: 10)) == 2)
    }
}
