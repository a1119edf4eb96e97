import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct DeadLettersTests {
    private let directory: TestDirectory
    private let clock = ManualClock()
    private let database: Database

    init() throws {
        directory = try TestDirectory()
        database = try Database(in: directory.path, clock: clock)
    }

    private func record(_ offset: Int64, partition: Int32 = 3, topic: String = "order-events") -> IncomingRecord {
        IncomingRecord(topic: topic, partition: partition, offset: offset, key: nil, attributes: .headers([]), value: [1])
    }

    private func bury(_ record: IncomingRecord, reason: String = "because") async throws {
        try await database.writer.write { try $0.bury(record, UnreadableRecord(.schema, reason)) }
    }

    private func letters() throws -> [StoredDeadLetter] {
        try database.read { try $0.deadLetters(limit: 100) }
    }

    private func count() throws -> Int64 {
        try database.read { try $0.totals()["dead_letters"] ?? 0 }
    }

    static let records: [IncomingRecord] = [
        .init(topic: "a", partition: 0, offset: 0, key: nil, attributes: .headers([]), value: nil),
        .init(topic: "", partition: -1, offset: -1001, key: [], attributes: .headers([.init(name: "", value: nil)]), value: []),
        .init(
            topic: "order-events", partition: .max, offset: .max, key: Array(0...255),
            attributes: .headers([
                .init(name: "ce_id", value: Array("not a uuid".utf8)), .init(name: "ce_id", value: Array(0...255)),
                .init(name: "with space\nand line, ü", value: []), .init(name: "none", value: nil), .init(name: "", value: []),
                .init(name: "-", value: Array("-".utf8)),
            ]), value: Array((0...255).reversed())),
    ]

    @Test(arguments: records) func `A record is kept whole, whatever bytes it is made of`(record: IncomingRecord) async throws {
        let event = EventEnvelope.created(OrderID(bits: 5), id: EventID(bits: 6))
        try await database.writer.write { try $0.bury(record, event, reason: "ä\u{0}b") }
        let letter = try #require(try letters().first)
        #expect(letter.record == record)
        #expect(letter.orderID == OrderID(bits: 5))
        #expect(letter.reason == "ä\u{0}b")
        #expect(letter.kind == .handlerFailed && letter.parkedBehind == nil)
        #expect(letter.attempts == 1)
        #expect(letter.createdAt == .start)
        #expect(try await database.read { try $0.deadLetter(letter.id) } == letter)
    }

    @Test func `What a transport had read already is kept as the headers it stands for`() async throws {
        let trace = TraceContext(traceID: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        let id = EventID(bits: 0x0198_0000_0000_7000_8000_0000_0000_0001)
        let record = IncomingRecord(
            topic: "order-events", partition: 0, offset: 1, key: nil,
            attributes: .read(id: id, time: .start, causation: EventID(bits: 2), trace: trace), value: [1])
        try await bury(record)
        let headers = try #require(try letters().first).record.headers
        let texts = Dictionary(uniqueKeysWithValues: headers.map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) })
        #expect(texts["ce_id"] == "01980000-0000-7000-8000-000000000001")
        #expect(texts["ce_causationid"] == "00000000-0000-0000-0000-000000000002")
        #expect(texts["ce_time"] == "2026-01-01T00:00:00.000Z")
        #expect(texts["traceparent"]?.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") == true)
    }

    @Test func `A record is kept once per topic, partition and offset`() async throws {
        for _ in 0..<3 { try await bury(record(1)) }
        #expect(try letters().count == 1)
        #expect(try count() == 1)
        for other in [record(2), record(1, partition: 4), record(1, topic: "payment-events")] { try await bury(other) }
        #expect(try letters().count == 4)
        #expect(try count() == 4)
    }

    @Test func `Dead letters are listed oldest first, up to a limit`() async throws {
        for offset in 0..<5 { try await bury(record(Int64(offset))) }
        #expect(try letters().map(\.record.offset) == [0, 1, 2, 3, 4])
        #expect(try await database.read { try $0.deadLetters(limit: 2) }.map(\.record.offset) == [0, 1])
    }

    @Test func `Pages neither repeat nor miss a dead letter, also while new ones come in`() async throws {
        for offset in 0..<5 { try await bury(record(Int64(offset))) }
        var found: [Int64] = []
        var cursor: DeadLetterID?
        while let page = try await database.read({ [cursor] in try $0.deadLetters(after: cursor, limit: 2) }) as [StoredDeadLetter]?,
            !page.isEmpty
        {
            found += page.map(\.record.offset)
            cursor = page.last?.id
            if found.count == 2 { try await bury(record(5)) }
        }
        #expect(found == [0, 1, 2, 3, 4, 5])
    }

    @Test func `A list is of those that are meant`() async throws {
        try await bury(record(0, topic: "payment-events"))
        clock.now = clock.now + 10
        try await bury(record(1))
        let event = EventEnvelope.created(OrderID(bits: 5), id: EventID(bits: 6))
        try await database.writer.write { [record = record(2)] in try $0.bury(record, event, reason: "because") }
        func offsets(_ filter: DeadLetterFilter) throws -> [Int64] {
            try database.read { try $0.deadLetters(filter, limit: 10) }.map(\.record.offset)
        }
        #expect(try offsets(.init()) == [0, 1, 2])
        #expect(try offsets(.init(kind: .handlerFailed)) == [2])
        #expect(try offsets(.init(topic: "order-events")) == [1, 2])
        #expect(try offsets(.init(before: Timestamp(microseconds: Timestamp.start.microseconds + 1))) == [0])
        #expect(try offsets(.init(kind: .schema, topic: "order-events", before: .start)) == [])
    }

    @Test func `What is large of a record is read with it alone, and left out of lists`() async throws {
        let limit = Int(Snapshot.largestListed)
        let small = IncomingRecord(
            topic: "t", partition: 0, offset: 0, key: Array(repeating: 1, count: limit), attributes: .headers([]),
            value: Array(repeating: 2, count: limit))
        let large = IncomingRecord(
            topic: "t", partition: 0, offset: 1, key: Array(repeating: 1, count: limit + 1),
            attributes: .headers([.init(name: "x", value: Array(repeating: 65, count: limit + 1))]),
            value: Array(repeating: 2, count: 900_000))
        for record in [small, large] { try await bury(record) }
        let listed = try letters()
        #expect(listed.map(\.valueSize) == [limit, 900_000])
        #expect(listed[0].record == small)
        #expect(listed[1].record.value == nil && listed[1].record.key == nil && listed[1].record.headers.isEmpty)
        #expect(try await database.read { try $0.deadLetter(listed[1].id) }?.record == large)
    }

    @Test func `A failed retry is counted and leaves its reason`() async throws {
        try await bury(record(1))
        let id = try #require(try letters().first).id
        try await database.writer.write { try $0.noteFailedRetry(of: id, UnreadableRecord(.missingID, "still")) }
        #expect(try letters().map(\.attempts) == [2])
        #expect(try letters().map(\.reason) == ["still"])
        #expect(try letters().map(\.kind) == [.missingID])
        #expect(try count() == 1)
    }

    @Test func `A resolved dead letter is gone, and its place stays taken`() async throws {
        try await bury(record(1))
        let id = try #require(try letters().first).id
        let resolved = try await database.writer.write { [try $0.resolveDeadLetter(id), try $0.resolveDeadLetter(id)] }
        #expect(resolved == [true, false])
        #expect(try letters() == [])
        #expect(try await database.read { try $0.deadLetter(id) } == nil)
        #expect(try count() == 0)

        try await bury(record(1))
        #expect(try letters() == [])
        #expect(try count() == 0)
    }

    @Test func `What is not known cannot be resolved`() async throws {
        let resolved = try await database.writer.write { try $0.resolveDeadLetter(DeadLetterID(bits: 9)) }
        #expect(!resolved)
        #expect(try count() == 0)
    }
}
