import Dispatch
import Posix
import SagaTestSupport
import Saga
import SagaStore
import Store
import Testing
import Wire

@Suite struct ConnectionTests {
    private let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(path: ":memory:", role: .memory)
        try connection.execute("CREATE TABLE value (v ANY) STRICT; CREATE TABLE key (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
    }

    @Test(arguments: [.min, -1, 0, 1, 1 << 53, .max] as [Int64])
    func `Integers come back as they went in`(value: Int64) throws {
        try connection.run("INSERT INTO value VALUES (?)", .integer(value))
        #expect(try connection.first("SELECT v FROM value") { try $0.integer(0) } == value)
        #expect(try connection.first("SELECT typeof(v) FROM value") { try $0.text(0) } == "integer")
    }

    @Test(arguments: ["", "plain", "Ärger, 数, 👩‍👩‍👧", "before\u{0}behind", String(repeating: "é", count: 100_000)])
    func `Texts come back as they went in`(value: String) throws {
        try connection.run("INSERT INTO value VALUES (?)", .text(value))
        let read = try #require(try connection.first("SELECT v FROM value") { try $0.text(0) })
        #expect(Array(read.utf8) == Array(value.utf8))
        #expect(try connection.first("SELECT typeof(v) FROM value") { try $0.text(0) } == "text")
    }

    @Test(arguments: [[], [0], Array(0...255), Array(repeating: 0xFF, count: 100_000)] as [[UInt8]])
    func `Bytes come back as they went in`(value: [UInt8]) throws {
        try connection.run("INSERT INTO value VALUES (?)", .bytes(value))
        #expect(try connection.first("SELECT v FROM value") { try $0.bytes(0) } == value)
        #expect(try connection.first("SELECT typeof(v) FROM value") { try $0.text(0) } == "blob")
    }

    @Test(arguments: [0, 1, 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF, .max] as [UInt128])
    func `Ids come back as they went in`(bits: UInt128) throws {
        try connection.run("INSERT INTO value VALUES (?)", .bits(bits))
        #expect(try connection.first("SELECT v FROM value") { try $0.id(0) } == OrderID(bits: bits))
        #expect(try connection.first("SELECT lower(hex(v)) FROM value") { try $0.text(0) }?.count == 32)
    }

    @Test func `Null is neither an empty text nor an empty blob`() throws {
        try connection.run("INSERT INTO value VALUES (?)", .null)
        try connection.run("INSERT INTO value VALUES (?)", .text(String?.none))
        try connection.run("INSERT INTO value VALUES (?)", .bits(OrderID?.none?.bits))
        #expect(try connection.all("SELECT v FROM value") { $0.isNull(0) } == [true, true, true])
        #expect(try connection.all("SELECT v FROM value") { try $0.optional(0) { try $0.text($1) } } == [nil, nil, nil])
        #expect(try connection.first("SELECT count(*) FROM value WHERE v IS NULL") { try $0.integer(0) } == 3)
    }

    @Test func `Times keep their microseconds`() throws {
        let time = Timestamp(microseconds: 1_767_225_600_123_457)
        try connection.run("INSERT INTO value VALUES (?)", .time(time))
        #expect(try connection.first("SELECT v FROM value") { try $0.timestamp(0) } == time)
    }

    @Test func `Ids sort in the database as they were made`() throws {
        var generator = IDGenerator()
        // A second apart, at the same millisecond, and across the byte where a signed comparison would turn over.
        let times = [0, 1, 1, 1, 127, 128, 255, 256, 1 << 31, 1 << 40].map { Timestamp(milliseconds: $0) }
        let made: [OrderID] = times.map { generator.next(at: $0) }
        for id in made.shuffled() { try connection.run("INSERT INTO key VALUES (?)", .bits(id.bits)) }
        #expect(try connection.all("SELECT id FROM key ORDER BY id") { try $0.id(0) } == made)
    }

    @Test func `A statement is prepared once and takes new values each time`() throws {
        for value in 0..<10 { try connection.run("INSERT INTO value VALUES (?)", .integer(Int64(value))) }
        #expect(try connection.all("SELECT v FROM value ORDER BY v") { try $0.integer(0) } == Array(0..<10))
        #expect(connection.preparedStatements.count == 2)
    }

    @Test func `A connection that is used beside its thread ends the process`() async {
        await #expect(processExitsWith: .success) { try Self.useConfined(onItsThread: true) }
        await #expect(processExitsWith: .failure) { try Self.useConfined(onItsThread: false) }
    }

    private static func useConfined(onItsThread: Bool) throws {
        nonisolated(unsafe) let connection = try SQLiteConnection(path: ":memory:", role: .memory)
        let done = DispatchSemaphore(value: 0)
        DedicatedThread.start {
            connection.confineToThisThread()
            if onItsThread { try? connection.execute("SELECT 1") }
            done.signal()
        }
        done.wait()
        if !onItsThread { try connection.execute("SELECT 1") }
    }

    @Test func `Run tells how many rows it changed`() throws {
        for value in 0..<4 { try connection.run("INSERT INTO value VALUES (?)", .integer(Int64(value))) }
        #expect(try connection.run("UPDATE value SET v = 7 WHERE v > ?", .integer(1)) == 2)
        #expect(try connection.run("DELETE FROM value WHERE v = ?", .integer(99)) == 0)
    }

    @Test func `A query without rows has no first and an empty all`() throws {
        #expect(try connection.first("SELECT v FROM value") { try $0.integer(0) } == nil)
        #expect(try connection.all("SELECT v FROM value") { try $0.integer(0) } == [])
    }

    @Test func `A statement can be used again after it failed`() throws {
        let id = OrderID(bits: 1)
        try connection.run("INSERT INTO key VALUES (?)", .bits(id.bits))
        for _ in 0..<2 {
            let error = #expect(throws: StoreError.self) { try connection.run("INSERT INTO key VALUES (?)", .bits(id.bits)) }
            #expect(error?.description.contains("UNIQUE") == true)
            #expect(error?.isInfrastructure == false)
        }
        try connection.run("INSERT INTO key VALUES (?)", .bits(2))
        #expect(try connection.first("SELECT count(*) FROM key") { try $0.integer(0) } == 2)
    }

    @Test func `A reader cannot write`() throws {
        let directory = try TestDirectory()
        let writer = try SQLiteConnection(path: directory.path + "/a.db", role: .writer)
        try writer.execute("CREATE TABLE t (v INTEGER)")
        let reader = try SQLiteConnection(path: directory.path + "/a.db", role: .reader)
        #expect(throws: StoreError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
        #expect(try writer.first("SELECT count(*) FROM t") { try $0.integer(0) } == 0)
    }

    @Test func `The writer uses a write-ahead log and synchronises fully`() throws {
        let directory = try TestDirectory()
        let writer = try SQLiteConnection(path: directory.path + "/a.db", role: .writer)
        #expect(try writer.first("PRAGMA journal_mode") { try $0.text(0) } == "wal")
        #expect(try writer.first("PRAGMA synchronous") { try $0.integer(0) } == 2)
    }
}
