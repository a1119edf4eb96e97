/// Writes JSON onto the end of a byte array, member by member, for what is written on every order.
package struct JSONText: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func object(_ body: (inout JSONText) -> Void) {
        nest("{", "}", body)
    }

    package mutating func object(_ name: StaticString, _ body: (inout JSONText) -> Void) {
        key(name)
        nest("{", "}", body)
    }

    package mutating func array(_ name: StaticString, _ body: (inout JSONText) -> Void) {
        key(name)
        nest("[", "]", body)
    }

    package mutating func member(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func member<Entity>(_ name: StaticString, _ id: ID<Entity>) {
        key(name)
        identifier(id)
    }

    private mutating func identifier<Entity>(_ id: ID<Entity>) {
        bytes.append(UInt8(ascii: "\""))
        UUIDText.append(id.bits, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    // MARK: Names that are known only at run time, and need no escapes

    package mutating func member(named name: String, _ value: Int64) {
        key(named: name)
        integer(value)
    }

    package mutating func member(named name: String, _ value: String) {
        key(named: name)
        string(value)
    }

    package mutating func member<Entity>(named name: String, _ id: ID<Entity>) {
        key(named: name)
        identifier(id)
    }

    private mutating func key(named name: String) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func nest(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONText) -> Void) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: open))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        // The value right behind its name takes no comma; the next member does.
        needsComma = false
    }

    private mutating func string(_ value: String) {
        JSONText.append(value, to: &bytes)
        needsComma = true
    }

    /// Writes a JSON string: what must be escaped is, and nothing else (RFC 8259, section 7).
    private static func append(_ value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let hex = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(hex[Int(byte >> 4)])
                bytes.append(hex[Int(byte & 0xF)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A text as a JSON string, by itself.
    package static func quoted(_ value: String) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// By hand: an interpolated string takes several times as long.
    private mutating func integer(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.endIndex
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
        needsComma = true
    }
}

/// What is written as a JSON object.
package protocol JSONWritable {
    /// Its members.
    func write(to text: inout JSONText)
}

extension JSONWritable {
    package var json: [UInt8] {
        var text = JSONText()
        text.object { write(to: &$0) }
        return text.bytes
    }
}

extension JSONText {
    /// An object with one list.
    package static func list(_ name: StaticString, _ items: [some JSONWritable]) -> [UInt8] {
        page(name, items, limit: .max, id: { _ -> ID<Never> in ID(bits: 0) })
    }

    /// One page of a list; `items` has one more than `limit` when there is a next one, whose cursor is the last id shown.
    package static func page<Item: JSONWritable, Entity>(
        _ name: StaticString, _ items: [Item], limit: Int, id: (Item) -> ID<Entity>
    ) -> [UInt8] {
        var text = JSONText(capacity: 256 * (items.count + 1))
        text.object { text in
            text.array(name) { text in
                for item in items.prefix(limit) { text.object { item.write(to: &$0) } }
            }
            if items.count > limit { text.member("nextCursor", id(items[limit - 1])) }
        }
        return text.bytes
    }
}
