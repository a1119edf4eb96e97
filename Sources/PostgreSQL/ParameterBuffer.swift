import CLibpq
import Glibc

/// The parameters of one statement in PostgreSQL's binary format, as libpq takes them ("Command Execution Functions"): integers with the
/// most significant byte first, texts and bytes as they are.
///
/// Owned by a session and used again for every statement: libpq has copied everything when a call returns.
struct ParameterBuffer: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
    private var types: [Oid] = []
    private var values: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    /// Which types the parameters have, two bits each: a statement is prepared anew where they are others.
    private(set) var signature: UInt128 = 0

    /// Two bits of `signature` for each.
    private static let most = 64

    deinit {
        storage.deallocate()
    }

    mutating func fill(_ parameters: [PostgreSQLParameter]) throws(PostgreSQLError) {
        guard parameters.count <= ParameterBuffer.most else {
            throw PostgreSQLError(.failed, "a statement has \(parameters.count) parameters, the limit here is \(ParameterBuffer.most)")
        }
        let size = parameters.reduce(0) { $0 + $1.byteCount }
        if size >= storage.count {
            storage.deallocate()
            storage = .allocate(byteCount: size + 1, alignment: 16)
        }
        types.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while formats.count < parameters.count { formats.append(1) }
        signature = 0
        var used = 0
        for parameter in parameters {
            let place = UnsafeMutableRawBufferPointer(rebasing: storage[used..<(used + parameter.byteCount)])
            try parameter.write(to: place)
            types.append(parameter.type)
            values.append(parameter == .null ? nil : UnsafePointer(place.baseAddress?.assumingMemoryBound(to: CChar.self)))
            lengths.append(Int32(place.count))
            signature = signature << 2 | parameter.mark
            used += place.count
        }
    }

    func prepare(_ name: String, _ sql: String, on connection: OpaquePointer) -> Bool {
        PQsendPrepare(connection, name, sql, Int32(types.count), types) == 1
    }

    func execute(_ name: String, on connection: OpaquePointer) -> Bool {
        PQsendQueryPrepared(connection, name, Int32(values.count), values, lengths, formats, 1) == 1
    }
}

extension PostgreSQLParameter {
    fileprivate var byteCount: Int {
        switch self {
        case .null: 0
        case .integer: 8
        case .text(let value): value.utf8.count
        case .bytes(let value): value.count
        case .bits: 16
        }
    }

    /// Zero leaves it to the statement.
    fileprivate var type: Oid {
        switch self {
        case .null: 0
        case .integer: ObjectID.int8
        case .text: ObjectID.text
        case .bytes, .bits: ObjectID.bytea
        }
    }

    fileprivate var mark: UInt128 {
        switch self {
        case .null: 0
        case .integer: 1
        case .text: 2
        case .bytes, .bits: 3
        }
    }

    fileprivate func write(to place: UnsafeMutableRawBufferPointer) throws(PostgreSQLError) {
        switch self {
        case .null: break
        case .integer(let value): place.storeBytes(of: value.bigEndian, as: Int64.self)
        case .text(let value):
            place.copyBytes(from: value.utf8)
            // Also in binary, the server refuses it; by then the transaction would have failed.
            guard place.baseAddress.flatMap({ memchr($0, 0, place.count) }) == nil else {
                throw PostgreSQLError(.failed, "a text with a zero byte cannot be stored: \"\(value.prefix(64))\"", state: "22021")
            }
        case .bytes(let value): place.copyBytes(from: value)
        case .bits(let value): place.storeBytes(of: value.bigEndian, as: UInt128.self)
        }
    }
}
