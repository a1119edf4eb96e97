import CLibpq

/// The present row of a result, valid only while the closure that got it runs.
///
/// What is read is what is there: where a column has another type than is asked for, or is NULL, the answer is nil.
package final class PostgreSQLRow {
    private let owner: QueryResult
    private let result: OpaquePointer
    var row: Int32 = 0

    init(_ result: QueryResult) {
        owner = result
        self.result = result.handle
    }

    package func isNull(_ column: Int32) -> Bool { PQgetisnull(result, row, column) == 1 }

    /// In bytes, as the server sent it.
    package func length(_ column: Int32) -> Int { Int(PQgetlength(result, row, column)) }

    /// As the statement calls the column.
    package func name(_ column: Int32) -> String { PQfname(result, column).map { String(cString: $0) } ?? "column \(column)" }

    /// Of every integer type, of numeric where it is a whole number (as of a sum), and of bool as 0 or 1.
    package func integer(_ column: Int32) -> Int64? {
        guard let bytes = value(column) else { return nil }
        return switch (type(column), bytes.count) {
        case (ObjectID.int8, 8): bytes.loadUnaligned(as: Int64.self).bigEndian
        case (ObjectID.int4, 4): Int64(bytes.loadUnaligned(as: Int32.self).bigEndian)
        case (ObjectID.int2, 2): Int64(bytes.loadUnaligned(as: Int16.self).bigEndian)
        case (ObjectID.bool, 1): Int64(bytes[0])
        case (ObjectID.numeric, 8...): Int64(numeric: bytes)
        default: nil
        }
    }

    package func text(_ column: Int32) -> String? {
        switch type(column) {
        case ObjectID.text, ObjectID.varchar, ObjectID.bpchar, ObjectID.name, ObjectID.unknown:
            value(column).flatMap { String(validating: $0, as: UTF8.self) }
        default: nil
        }
    }

    package func bytes(_ column: Int32) -> [UInt8]? {
        type(column) == ObjectID.bytea ? value(column).map(Array.init) : nil
    }

    /// Sixteen bytes, the most significant first.
    package func bits(_ column: Int32) -> UInt128? {
        guard [ObjectID.bytea, ObjectID.uuid].contains(type(column)), let bytes = value(column), bytes.count == 16 else { return nil }
        return UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    }

    /// The value for people, at most a few words of it.
    package func shown(_ column: Int32) -> String {
        if isNull(column) { return "NULL" }
        if let number = integer(column) { return String(number) }
        if let text = text(column) { return "'\(text.prefix(64))'" }
        return type(column) == ObjectID.bytea
            ? "a blob of \(length(column)) bytes" : "a value of type \(type(column)) with \(length(column)) bytes"
    }

    private func type(_ column: Int32) -> Oid { PQftype(result, column) }

    private func value(_ column: Int32) -> UnsafeRawBufferPointer? {
        guard !isNull(column), let start = PQgetvalue(result, row, column) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: length(column))
    }
}

extension Int64 {
    /// numeric as it is sent (PostgreSQL's src/backend/utils/adt/numeric.c, `numeric_send`): four numbers of 16 bits (how many digits
    /// there are, the weight of the first, the sign, how many decimals to show), then the digits to base 10000. nil where it is no
    /// whole number, or too large.
    fileprivate init?(numeric bytes: UnsafeRawBufferPointer) {
        func number(_ index: Int) -> Int { Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))) }
        let (count, weight, sign) = (number(0), number(1), number(2))
        // No larger number has 64 bits. 0x4000 is minus; others stand for no number at all, or an infinite one.
        guard count >= 0, bytes.count == 8 + 2 * count, weight <= 4, sign == 0 || sign == 0x4000 else { return nil }
        var value: Int128 = 0
        for index in 0..<Swift.max(count, weight + 1) {
            let digit = index < count ? number(4 + index) : 0
            if index <= weight { value = value * 10000 + Int128(digit) } else if digit != 0 { return nil }
        }
        self.init(exactly: sign == 0 ? value : -value)
    }
}
