import SagaTestSupport
import Dispatch
import Saga
import SagaStore
import Store
import Synchronization
import Testing
import Wire

@Suite struct GroupCommitWriterTests {
    private let directory: TestDirectory
    private let callbacks = Callbacks()
    private let database: Database
    private var writer: GroupCommitWriter { database.writer }

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, callbacks: callbacks)
    }

    private struct Refusal: Error {}

    @Test func `What waits together is committed together, in order`() async throws {
        let hold = await writer.hold()
        let tasks = (0..<100).map { i in writer.submit { try $0.note("\(i)") } }
        try await hold.letGo()
        for task in tasks { try await task.value }

        #expect(writer.counts.commits == 2)
        #expect(writer.counts.jobs == 101)
        #expect(callbacks.prepared == 2)
        #expect(try database.notes() == (0..<100).map { "\($0)" })
    }

    @Test func `Many callers need fewer commits than they have work`() async throws {
        try await withThrowingTaskGroup { group in
            for i in 0..<2000 { group.addTask { [writer] in try await writer.write { try $0.note("\(i)") } } }
            try await group.waitForAll()
        }
        #expect(writer.counts.jobs == 2000)
        #expect(writer.counts.commits < 1000)
        #expect(callbacks.prepared == writer.counts.commits)
        #expect(try database.notes().count == 2000)
    }

    @Test func `However much waits, the writer is not woken for it while it is awake`() async throws {
        let hold = await writer.hold()
        let before = writer.counts
        let tasks = (0..<1500).map { i in writer.submit { try $0.note("\(i)") } }
        try await hold.letGo()
        for task in tasks { try await task.value }

        // The one that was held, and three batches of at most 512.
        #expect(writer.counts.commits - before.commits == 4)
        #expect(writer.counts.wakeUps == before.wakeUps)
        try await writer.write { try $0.note("later") }
        // Less than one each, if the writer had not yet fallen asleep.
        #expect(writer.counts.wakeUps <= before.wakeUps + 1)
    }

    @Test func `Work that throws is undone alone, with all it asked for`() async throws {
        let completions = Log<String>()
        @Sendable func work(_ name: String, fails: Bool) -> @Sendable (Transaction) throws -> EventID {
            { transaction in
                try transaction.note(name)
                transaction.add(1, to: "work")
                transaction.afterCommit { completions.append(name) }
                let id = try transaction.emit()
                if fails { throw Refusal() }
                return id
            }
        }
        let hold = await writer.hold()
        let first = writer.submit(work("first", fails: false))
        let bad = writer.submit(work("bad", fails: true))
        let last = writer.submit(work("last", fails: false))
        try await hold.letGo()

        let told = [try await first.value, try await last.value]
        await #expect(throws: Refusal.self) { try await bad.value }
        #expect(writer.counts.commits == 2)
        #expect(try database.notes() == ["first", "last"])
        #expect(try await database.read { try $0.totals() } == ["work": 2])
        #expect(completions.all == ["first", "last"])
        #expect(try await database.read { try $0.outbox(after: 0, limit: 10) }.map(\.eventID) == told)
        #expect(callbacks.committed.map { $0.map(\.eventID) } == [told])
        #expect(callbacks.committed.first?.map(\.seq) == [1, 2])
    }

    @Test func `A part that fails leaves the rest of its work standing`() async throws {
        try await writer.write { transaction in
            try transaction.note("before")
            #expect(throws: Refusal.self) {
                try transaction.attempt { transaction in
                    try transaction.note("part")
                    try transaction.attempt { try $0.note("part of the part") }
                    transaction.add(1, to: "parts")
                    try transaction.emit()
                    throw Refusal()
                }
            }
            try transaction.note("after")
        }
        #expect(try database.notes() == ["before", "after"])
        #expect(try await database.read { try $0.totals() } == [:])
        #expect(callbacks.committed.isEmpty)
    }

    @Test func `No answer comes before the commit, and the commit is told first`() async throws {
        let hold = await writer.hold()
        let order = Log<String>()
        let path = database.path
        let tasks = (0..<20).map { i in
            Task.immediate { [writer] in
                try await writer.write { transaction in
                    try transaction.note("\(i)")
                    transaction.afterCommit { order.append("commit") }
                }
                order.append("answer")
                return try RawDatabase(path).query("SELECT count(*) FROM note WHERE text = '\(i)'")
            }
        }
        try await hold.letGo()
        for task in tasks { #expect(try await task.value == [["1"]]) }
        #expect(order.all == Array(repeating: "commit", count: 20) + Array(repeating: "answer", count: 20))
    }

    @Test func `Committed entries are told in order and without gaps`() async throws {
        try await withThrowingTaskGroup { group in
            for i in 0..<1000 {
                group.addTask { [writer] in
                    _ = try? await writer.write { transaction in
                        try transaction.emit()
                        if i % 3 == 0 { throw Refusal() }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(callbacks.committed.flatMap { $0 }.map(\.seq) == Array(1...666))
        #expect(callbacks.committed.allSatisfy { !$0.isEmpty })
    }

    @Test func `What prepareCommit adds is part of the commit`() async throws {
        let other = try TestDirectory()
        let database = try Database(in: other.path, callbacks: callbacks, prepareCommit: { try $0.saveFollower("peer", at: 7) })
        try await database.writer.write { try $0.note("a") }
        #expect(try await database.read { try $0.followers() } == ["peer": 7])
    }

    @Test func `When prepareCommit fails, nothing is written and everybody hears of it`() async throws {
        let other = try TestDirectory()
        let refuses = Mutex(true)
        let database = try Database(
            in: other.path, callbacks: callbacks,
            prepareCommit: { _ in
                if refuses.withLock({ $0 }) { throw StoreError.failed("not now") }
            })
        let error = await storeError { try await database.writer.write { try $0.note("a") } }
        #expect(error == .failed("not now"))
        refuses.withLock { $0 = false }
        try await database.writer.write { try $0.note("b") }
        #expect(try database.notes() == ["b"])
    }

    @Test func `Ids of undone work are not made again`() async throws {
        let made = Log<EventID>()
        for fails in [true, false] {
            _ = try? await writer.write { transaction in
                let id = try transaction.emit()
                made.append(id)
                if fails { throw Refusal() }
            }
        }
        let ids = made.all
        // The one that fails runs twice.
        #expect(ids.count == 3 && ids[0] < ids[1] && ids[1] < ids[2])
    }

    @Test func `Work that fails after it has written something is run once more, but not on a disk that fails`() async throws {
        // The failing disk comes last: the writer ends with it.
        let cases: [(error: any Error, writes: Bool, runs: Int)] = [
            (Refusal(), false, 1), (Refusal(), true, 2), (StoreError.full, true, 2), (StoreError.inputOutput("fsync"), true, 1),
        ]
        for (error, writes, runs) in cases {
            let began = Log<Bool>()
            await #expect(throws: (any Error).self) {
                try await writer.write { transaction in
                    began.append(true)
                    if writes { try transaction.note("undone") }
                    throw error
                }
            }
            #expect(began.all.count == runs, "\(error), \(writes ? "after" : "before") writing")
        }
        #expect(try database.notes() == [])
    }

    @Test func `A flood is refused beyond the bound, but not work that is bounded by its caller`() async throws {
        let hold = await writer.hold()
        let accepted = (0..<GroupCommitWriter.longestQueue).map { _ in writer.submit { $0.add(1, to: "work") } }
        for _ in 0..<10 {
            // Answered while the writer is held.
            #expect(await storeError { try await writer.write { try $0.note("refused") } } == .overloaded)
        }
        let bounded = writer.submit(isBounded: true) { try $0.note("bounded") }
        try await hold.letGo()
        for task in accepted { try await task.value }
        try await bounded.value

        #expect(writer.counts.refused == 10)
        #expect(try database.notes() == ["bounded"])
        #expect(try await database.read { try $0.totals() } == ["work": Int64(GroupCommitWriter.longestQueue)])
        try await writer.write { try $0.note("later") }
    }

    @Test func `Closing finishes what is queued and refuses what comes later`() async throws {
        let hold = await writer.hold()
        let tasks = (0..<1500).map { i in writer.submit { try $0.note("\(i)") } }
        let closed = Task.detached { [database] in await onThread { database.close() } }
        try await hold.letGo()
        for task in tasks { try await task.value }
        await closed.value

        #expect(await storeError { try await writer.write { try $0.note("late") } } == .closed)
        #expect(await storeError { try database.notes() } == .closed)
        #expect(try RawDatabase(database.path).query("SELECT count(*) FROM note") == [["1500"]])
        database.close()
    }

    @Test func `Closing leaves one file with everything in it`() async throws {
        try await writer.write { try $0.note("a") }
        _ = try database.notes()
        await onThread { [database] in database.close() }
        #expect(throws: (any Error).self) { try directory.mode(of: "saga.db-wal") }
        #expect(try RawDatabase(database.path).query("SELECT text FROM note") == [["a"]])
    }
}

/// Runs what blocks on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            body()
            continuation.resume()
        }
    }
}
