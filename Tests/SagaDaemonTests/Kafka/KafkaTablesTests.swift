import SagaTestSupport
import KafkaTransport
import SagaStore
import Store
import Testing
import Transport

/// What the Kafka transport keeps in the database of its service.
@Suite struct KafkaTablesTests {
    private static func open(_ directory: TestDirectory) throws -> (Database, [any CommitHook]) {
        let outbox = OutboxLog(followers: ["kafka"])
        let hooks: [any CommitHook] = [outbox, Confirmations(outbox: outbox, follower: "kafka"), Bookmarks()]
        let database = try Database(
            engine: SQLiteEngine(directory: directory.path), schema: Schema(""), clock: { .present },
            makeTables: { transaction in for hook in hooks { try hook.makeTables(in: transaction) } }, initialize: { _ in },
            prepareCommit: { transaction in for hook in hooks { try hook.save(in: transaction) } },
            committed: { outbox.appended($0.appended) },
            failed: { _ in })
        try database.read { snapshot in for hook in hooks { try hook.restore(from: snapshot) } }
        return (database, hooks)
    }

    @Test func `they are made once, and what is in them is there after a restart`() async throws {
        let directory = try TestDirectory()
        let place = PartitionName(topic: "t", partition: 3)
        let (database, _) = try Self.open(directory)
        try await database.writer.write { transaction in
            try transaction.saveBookmark(Bookmark(offset: 1, identity: 7, note: "again"), in: place)
            try transaction.saveConfirmed([2: 5])
            try transaction.saveAnswered("please", of: "order/0")
            try transaction.save(Republication(until: 9))
        }
        database.close()

        let (again, hooks) = try Self.open(directory)
        #expect(try await again.read { try $0.bookmarks() } == [place: Bookmark(offset: 1, identity: 7, note: "again")])
        #expect(try await again.read { try $0.confirmedOffsets() } == [2: 5])
        #expect(try await again.read { try $0.answeredRequests() } == ["order/0": "please"])
        let published = try #require(hooks.lazy.compactMap { $0 as? Confirmations }.first)
        #expect(published.expectation.confirmed == [2: 5] && published.isRepublishing)
    }

    static let unknown: [(change: String, read: @Sendable (Snapshot) throws -> Void)] = [
        ("UPDATE bookmark SET partition = 2147483648", { _ = try $0.bookmarks() }),
        ("UPDATE bookmark SET topic = CAST(x'ff' AS TEXT)", { _ = try $0.bookmarks() }),
        ("UPDATE confirmed SET partition = -2147483649", { _ = try $0.confirmedOffsets() }),
        ("UPDATE republication SET place = -1", { _ = try $0.republication() }),
    ]

    @Test(arguments: unknown.indices)
    func `Fault 51, a value that this version does not know: damage`(_ index: Int) async throws {
        let (change, read) = Self.unknown[index]
        let directory = try TestDirectory()
        let (database, _) = try Self.open(directory)
        try await database.writer.write { transaction in
            try transaction.saveBookmark(Bookmark(offset: 1, identity: nil), in: PartitionName(topic: "t", partition: 0))
            try transaction.saveConfirmed([0: 1])
            try transaction.save(Republication(until: 1))
        }
        try await database.read(read)
        try SQLiteConnection(path: directory.path + "/saga.db", role: .writer).execute(change)
        let error = #expect(throws: StoreError.self) { try database.read(read) }
        guard case .corrupt? = error else {
            Issue.record("\(change): \(error.map(String.init(describing:)) ?? "no error")")
            return
        }
    }
}
