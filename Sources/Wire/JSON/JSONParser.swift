/// A recursive-descent parser over bytes in memory.
struct JSONParser: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    private static let deepest = 32

    static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value()
        guard parser.next() == nil else { throw parser.error("something behind the value") }
        return value
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next byte that is not white space, not consumed.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch next() {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in .array(try parser.array()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: throw error("not a JSON value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        depth += 1
        guard depth <= JSONParser.deepest else { throw error("nested deeper than \(JSONParser.deepest) levels") }
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        if next() == UInt8(ascii: "}") {
            position += 1
            return object
        }
        object.members.reserveCapacity(8)
        while true {
            guard next() == UInt8(ascii: "\"") else { throw error("not a member name") }
            let name = try string()
            // Quadratic, so bounded: no message here has more than a handful of members.
            guard object.members.count < 64 else { throw error("more than 64 members") }
            guard object[name] == nil else { throw error("member \(JSONError.quoted(name)) is there twice") }
            guard next() == UInt8(ascii: ":") else { throw error("no colon behind a member name") }
            position += 1
            object.members.append(.init(name: name, value: try value()))
            if try endOfList(UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var array: [JSONValue] = []
        if next() == UInt8(ascii: "]") {
            position += 1
            return array
        }
        while true {
            array.append(try value())
            if try endOfList(UInt8(ascii: "]")) { return array }
        }
    }

    private mutating func endOfList(_ end: UInt8) throws(JSONError) -> Bool {
        let byte = next()
        guard byte == end || byte == UInt8(ascii: ",") else { throw error("neither a comma nor an end") }
        position += 1
        return byte == end
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes.count - position >= text.utf8CodeUnitCount else { throw error("not a JSON value") }
        for i in 0..<text.utf8CodeUnitCount where bytes[position + i] != text.utf8Start[i] { throw error("not a JSON value") }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let start = position
        var value: Int64? = 0
        while let digit = digit() {
            let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            value = value == nil || overflow || overflow2 ? nil : sum
        }
        let digits = position - start
        guard digits == 1 || digits > 1 && bytes[start] != UInt8(ascii: "0") else { throw error("not a number") }
        var integral = true
        if peek() == UInt8(ascii: ".") {
            position += 1
            integral = false
            guard digit() != nil else { throw error("not a number") }
            while digit() != nil {}
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            integral = false
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard digit() != nil else { throw error("not a number") }
            while digit() != nil {}
        }
        if integral, let value { return .integer(value) }
        return .number
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func digit() -> Int64? {
        guard let byte = peek(), isDigit(byte) else { return nil }
        position += 1
        return Int64(byte - UInt8(ascii: "0"))
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// A string without escapes is taken over in one piece; one with escapes is put together.
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = peek(), byte >= 0x20, byte != UInt8(ascii: "\\") {
            position += 1
            guard byte == UInt8(ascii: "\"") else { continue }
            return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1]))
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = peek(), byte >= 0x20 {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped)
            case UInt8(ascii: "\\"): unescaped.append(contentsOf: try escape())
            default: unescaped.append(byte)
            }
        }
        throw error(peek() == nil ? "a string without an end" : "a control character in a string")
    }

    private func text(_ bytes: some Collection<UInt8>) throws(JSONError) -> String {
        // What is ASCII is valid; and the standard library validates through generic code that is not specialized.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("not UTF-8") }
        return text
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard let byte = peek() else { throw error("a string without an end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = UInt32(try hexadecimal())
            if (0xD800..<0xDC00).contains(code) {
                guard peek() == UInt8(ascii: "\\") else { throw error("half a surrogate pair") }
                position += 1
                guard peek() == UInt8(ascii: "u") else { throw error("half a surrogate pair") }
                position += 1
                let low = UInt32(try hexadecimal())
                guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw error("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        let end = position + 4
        while position < end, let digit = peek().flatMap(UUIDText.hexDigit) {
            position += 1
            value = value << 4 | UInt16(digit)
        }
        guard position == end else { throw error("a bad \\u escape") }
        return value
    }

    private func error(_ what: String) -> JSONError {
        JSONError("\(what), at byte \(position)")
    }
}
