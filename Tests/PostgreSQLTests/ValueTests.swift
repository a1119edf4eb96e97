import SagaTestSupport
import Testing

@testable import PostgreSQL

@Suite struct ValueTests {
    @Test func `what is given comes back as it was, of every type`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        for value in [0, 1, -1, 258, .max, .min] as [Int64] {
            #expect(try session.first("SELECT ?", [.integer(value)]) { $0.integer(0) } == value)
        }
        for value in ["", "a", "Größe — 🐘", "'\"\\\n", String(repeating: "x", count: 5000)] {
            #expect(try session.first("SELECT ?", [.text(value)]) { $0.text(0) } == value)
        }
        for value in [[], [0], [1, 0, 255], Array(repeating: 7, count: 5000)] as [[UInt8]] {
            #expect(try session.first("SELECT ?", [.bytes(value)]) { $0.bytes(0) } == value)
        }
        let bits: UInt128 = 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10
        #expect(try session.first("SELECT ?", [.bits(bits)]) { $0.bits(0) } == bits)
        #expect(try session.first("SELECT ?", [.bits(bits)]) { $0.bytes(0) } == Array(1...16))
        #expect(try session.first("SELECT '00000000-0000-0000-0000-000000000102'::uuid") { $0.bits(0) } == 0x102)
    }

    @Test func `integers come of every type that holds whole numbers`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        #expect(try session.integers("SELECT x FROM (VALUES (7::int2), (-7::int2)) AS t (x)") == [7, -7])
        #expect(try session.integers("SELECT x FROM (VALUES (7::int4), (-70000)) AS t (x)") == [7, -70000])
        #expect(try session.integers("SELECT x FROM (VALUES (true), (false)) AS t (x)") == [1, 0])
        let numbers = try session.integers(
            """
            SELECT x FROM (VALUES (0::numeric), (1), (-1), (9999), (10000), (120000000), (9223372036854775807), (-9223372036854775808),
            (9223372036854775808), (1.5), (0.0001), (1.0), ('NaN'), (1e40)) AS t (x)
            """)
        #expect(numbers == [0, 1, -1, 9999, 10000, 120_000_000, .max, .min, nil, nil, nil, 1, nil, nil])
        #expect(try session.integers("SELECT sum(x) FROM generate_series(1::bigint, 100) AS t (x)") == [5050])
    }

    @Test func `a value of another type, and NULL, is nil`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        try session.query("SELECT 'a'::text, 1::bigint, '\\x0102'::bytea, NULL::text AS nothing, 1.5::float8") { row in
            #expect(row.integer(0) == nil && row.bytes(0) == nil && row.bits(0) == nil)
            #expect(row.text(1) == nil && row.bytes(1) == nil && row.bits(1) == nil)
            #expect(row.text(2) == nil && row.integer(2) == nil && row.bits(2) == nil)
            #expect(row.isNull(3) && row.text(3) == nil && row.length(3) == 0 && !row.isNull(0))
            #expect(row.name(3) == "nothing" && row.length(0) == 1 && row.length(2) == 2)
            #expect((0..<5).map { row.shown($0) } == ["'a'", "1", "a blob of 2 bytes", "NULL", "a value of type 701 with 8 bytes"])
            return true
        }
    }

    @Test func `a parameter may be NULL once and of any type the next time`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        try session.execute("CREATE TEMPORARY TABLE t (x bigint, y text, z bytea)")
        let values: [[PostgreSQLParameter]] = [
            [.null, .null, .null], [.integer(1), .null, .bytes([1])], [.null, .text("a"), .bits(2)], [.integer(2), .text("b"), .null],
        ]
        for value in values + values { try session.query("INSERT INTO t VALUES (?, ?, ?)", value) }
        #expect(try session.integers("SELECT count(*) FROM t WHERE x IS NULL AND y IS NULL AND z IS NULL") == [2])
        #expect(try session.integers("SELECT x FROM t WHERE y = ? OR (?1 IS NULL AND x = 1)", [.text("b")]) == [2, 2])
    }

    @Test func `a text with a zero byte is refused before anything is sent, and the session goes on`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        try session.query("BEGIN")
        let error = failure { try session.query("SELECT ?", [.text("a\0b")]) }
        #expect(error?.kind == .failed)
        #expect(error?.description.contains("zero byte") == true)
        #expect(session.transactionStatus == .inTransaction)
        #expect(try session.first("SELECT ?", [.bytes([0])]) { $0.bytes(0) } == [0])
    }

    @Test func `a megabyte, and a hundred thousand rows, come whole`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try session.first("SELECT ?", [.bytes(bytes)]) { $0.bytes(0) == bytes } == true)
        var sum: Int64 = 0
        try session.query("SELECT x, repeat('y', 50) FROM generate_series(1::bigint, 100000) AS t (x)") {
            sum += $0.integer(0) ?? 0
            return true
        }
        #expect(sum == 5_000_050_000)
    }

    @Test func `rows are handed out until one is enough, and each may be a reason for a query`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        var seen: [Int64] = []
        try session.query("SELECT x FROM generate_series(1::bigint, 10) AS t (x)") { row in
            let value = row.integer(0) ?? 0
            seen += try session.integers("SELECT ? * 2", [.integer(value)]).compactMap(\.self) + [row.integer(0) ?? 0]
            return value < 3
        }
        #expect(seen == [2, 1, 4, 2, 6, 3])
    }

    @Test func `an error that a row's reader throws leaves the session at rest`() async throws {
        struct Enough: Error {}
        let session = try await PostgreSQLServer.shared.session()
        #expect(throws: Enough.self) { try session.query("SELECT generate_series(1, 10)") { _ in throw Enough() } }
        #expect(session.transactionStatus == .idle)
        #expect(try session.integers("SELECT 1") == [1])
    }

    @Test func `how many rows were changed is said`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        try session.execute("CREATE TEMPORARY TABLE t (x bigint PRIMARY KEY)")
        #expect(try session.query("INSERT INTO t SELECT generate_series(1, 5)") == 5)
        #expect(try session.query("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING", [.integer(1)]) == 0)
        #expect(try session.query("UPDATE t SET x = x + 10 WHERE x > ?", [.integer(3)]) == 2)
        #expect(try session.query("SELECT x FROM t") == 0)
        #expect(try session.query("DELETE FROM t RETURNING x") == 5)
    }

    @Test func `more parameters than can be told apart are refused`() async throws {
        let session = try await PostgreSQLServer.shared.session()
        #expect(failure { try session.query("SELECT ?64", Array(repeating: .integer(1), count: 65)) }?.kind == .failed)
    }
}
