/// The members of a JSON object, with readers that say which member is wrong.
package struct JSONObject: Equatable, Sendable {
    package internal(set) var members: [Member] = []

    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSONValue
    }

    package init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        guard let object = try JSONValue(parsing: bytes).object else { throw JSONError("not a JSON object") }
        self = object
    }

    init() {}

    package subscript(name: String) -> JSONValue? {
        members.first { $0.name == name }?.value
    }

    /// Refuses members beside `names`, of which some may be missing.
    package func requireOnly(_ names: StaticString...) throws(JSONError) {
        for member in members where !names.contains(where: { $0.withUTF8Buffer(member.name.utf8.elementsEqual) }) {
            throw JSONError("\(JSONError.quoted(member.name)) is not a known member")
        }
    }

    /// An integer from 1 to 2^53−1, the range every JSON implementation keeps exact (RFC 8259, section 6).
    package func positiveInteger(_ name: String) throws(JSONError) -> Int64 {
        try integer(name, in: 1...JSONObject.largestInteger)
    }

    package func integer(_ name: String, in range: ClosedRange<Int64>) throws(JSONError) -> Int64 {
        guard case .integer(let value) = try required(name), range.contains(value) else {
            throw JSONError("\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    package func string(_ name: String) throws(JSONError) -> String {
        guard case .string(let value) = try required(name) else { throw JSONError("\(name) must be a string") }
        return value
    }

    package func strings(_ name: String) throws(JSONError) -> [String] {
        guard case .array(let values) = try required(name) else { throw JSONError("\(name) must be a list") }
        var strings: [String] = []
        for value in values {
            guard case .string(let text) = value else { throw JSONError("\(name) must be a list of strings") }
            strings.append(text)
        }
        return strings
    }

    package func bool(_ name: String) throws(JSONError) -> Bool {
        guard case .bool(let value) = try required(name) else { throw JSONError("\(name) must be true or false") }
        return value
    }

    package func id<Entity>(_ name: String) throws(JSONError) -> ID<Entity> {
        guard case .string(let text) = try required(name), let id = ID<Entity>(text) else { throw JSONError("\(name) must be a UUID") }
        return id
    }

    package func value<Value: RawRepresentable<String>>(_ name: String, of: Value.Type) throws(JSONError) -> Value {
        let text = try string(name)
        // Byte for byte: to Swift's == the Kelvin sign is a K.
        guard let value = Value(rawValue: text), value.rawValue.utf8.elementsEqual(text.utf8) else {
            throw JSONError("\(name) is none of the known values")
        }
        return value
    }

    /// One of a closed list of texts.
    package func choice(_ name: String, of known: [String]) throws(JSONError) -> String {
        let text = try string(name)
        guard let value = known.first(where: { $0.utf8.elementsEqual(text.utf8) }) else {
            throw JSONError("\(name) is none of the known values")
        }
        return value
    }

    package func object(_ name: String) throws(JSONError) -> JSONObject {
        guard case .object(let object) = try required(name) else { throw JSONError("\(name) must be an object") }
        return object
    }

    private func required(_ name: String) throws(JSONError) -> JSONValue {
        guard let value = self[name] else { throw JSONError("\(name) is missing") }
        return value
    }

    package static let largestInteger: Int64 = (1 << 53) - 1
}
