import Logging
import Testing

@testable import Systemd

@Suite("The log sink", .timeLimit(.minutes(1)))
struct LogSinkTests {
    private func record(_ index: Int) -> LogRecord {
        LogRecord(level: .info, message: "record \(index)")
    }

    @Test("Records arrive in order")
    func order() async {
        let backend = RecordingBackend()
        let sink = LogSink(backend: backend)
        for index in 0..<1000 { sink.enqueue(record(index)) }
        for index in 0..<1000 { #expect(await backend.next()?.message == "record \(index)") }
        #expect(sink.droppedCount == 0)
    }

    @Test("Fault 32, journald stopped: no stall; what does not fit is dropped, counted and reported once there is room")
    func blockedBackend() async throws {
        let backend = RecordingBackend(isOpen: false)
        let sink = LogSink(backend: backend, capacity: 4)
        for index in 0..<10 { sink.enqueue(record(index)) }
        #expect(sink.droppedCount == 6)
        #expect(!sink.drain(timeout: .milliseconds(20)))

        backend.open()
        #expect(sink.drain(timeout: .seconds(30)))
        var messages: [String] = []
        for _ in 0..<5 { messages.append(try #require(await backend.next()).message) }
        // How much of the queue the writer had taken when it blocked decides between which records the report stands.
        let report = try #require(messages.firstIndex(of: "6 log records dropped"))
        messages.remove(at: report)
        #expect(messages == (0..<4).map { "record \($0)" })

        sink.enqueue(record(10))
        #expect(await backend.next()?.message == "record 10")
        #expect(sink.droppedCount == 6)
    }

    @Test("The report is a warning that carries the count as a field")
    func report() async throws {
        let backend = RecordingBackend(isOpen: false)
        let sink = LogSink(backend: backend, capacity: 1)
        sink.enqueue(record(0))
        sink.enqueue(record(1))
        backend.open()
        #expect(await backend.next()?.message == "record 0")
        let report = try #require(await backend.next())
        #expect(report.message == "1 log record dropped")
        #expect(report.level == .warning)
        #expect(report.fields.texts == ["dropped=1"])
    }

    @Test("What a backend cannot write is counted, and reported with the next record that it can")
    func failingBackend() async throws {
        let backend = RecordingBackend()
        backend.fail(true)
        let sink = LogSink(backend: backend)
        for index in 0..<3 { sink.enqueue(record(index)) }
        #expect(sink.drain(timeout: .seconds(30)))
        #expect(sink.droppedCount == 3)

        backend.fail(false)
        sink.enqueue(record(3))
        #expect(await backend.next()?.message == "record 3")
        #expect(await backend.next()?.message == "3 log records dropped")
        #expect(sink.droppedCount == 3)
    }

    @Test("An idle sink is drained at once")
    func idle() {
        #expect(LogSink(backend: RecordingBackend()).drain(timeout: .zero))
    }

    @Test("A sink that is given up writes what it has, and its thread ends")
    func end() async {
        let (events, feed) = AsyncStream.makeStream(of: String.self)
        LogSink(backend: EndingBackend(feed: feed)).enqueue(record(0))
        #expect(await events.reduce(into: []) { $0.append($1) } == ["record 0"])
    }
}

/// Ends its stream when it is freed, which the log writer's thread does last.
private final class EndingBackend: LogBackend {
    private let feed: AsyncStream<String>.Continuation

    init(feed: AsyncStream<String>.Continuation) { self.feed = feed }

    deinit { feed.finish() }

    func write(_ records: [LogRecord]) -> Int {
        for record in records { feed.yield(record.message) }
        return 0
    }
}
