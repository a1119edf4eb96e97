import SagaTestSupport
import Logging
import Saga
import SagaConfiguration
import Transport
import KafkaTransport
import SagaStore
import Store
import Synchronization
import Systemd
import Testing

/// The transport by itself; with brokers it is tested together with the daemons.
@Suite struct KafkaTransportTests {
    @Test func `canceled because another part has failed, it ends`() async throws {
        let directory = try TestDirectory()
        let outbox = OutboxLog(followers: ["kafka"])
        let database = try Database(
            engine: SQLiteEngine(directory: directory.path), schema: Schema(""), clock: { .present }, initialize: { _ in },
            prepareCommit: { _ in }, committed: { outbox.appended($0.appended) }, failed: { _ in })
        var configuration = Configuration.default.kafka
        configuration.bootstrapServers = "127.0.0.1:1"
        let identity = LogIdentity(identifier: "test", fieldPrefix: "SAGA_")
        let transport = KafkaTransport(
            service: .order, instance: "here", configuration: configuration, database: database, outbox: outbox, bookmarks: Bookmarks(),
            published: Confirmations(outbox: outbox, follower: "kafka"), consumer: NoConsumer(),
            log: Log(sink: LogSink(identity: identity), threshold: LogThreshold(.critical)), changed: WakeUp())

        let (ends, end) = AsyncStream.makeStream(of: Bool.self)
        let run = Task {
            defer { end.yield(true) }
            try await transport.run()
        }
        await transport.settled()
        #expect(!transport.status.isConnected)
        #expect(transport.status.problems.contains { $0.contains("127.0.0.1:1") })
        run.cancel()
        // A task that does not end could not be waited for.
        let patience = Task {
            try await Task.sleep(for: .seconds(8))
            end.yield(false)
        }
        #expect(await ends.first { _ in true } == true)
        patience.cancel()
        database.close()
    }
}

private struct NoConsumer: EventConsumer {
    func consume(_: [IncomingRecord], position: (source: ServiceName, LogPosition)?) async throws -> Set<Int> { [] }
}
