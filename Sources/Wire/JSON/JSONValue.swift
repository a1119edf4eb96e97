/// JSON as it was written (RFC 8259), read strictly: valid UTF-8, no duplicate member, nothing behind the value, bounded depth.
///
/// A reader of our own, because the generic ones neither refuse unknown and duplicate members nor tell `1` from `1.0`, and because
/// every event passes through here: it takes a fraction of what `JSONDecoder` does.
package enum JSONValue: Equatable, Sendable {
    case object(JSONObject)
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    /// A number with a fraction or an exponent, or beyond 64 bits.
    case number
    case bool(Bool)
    case null

    package init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        let parsed = bytes.withContiguousStorageIfAvailable { buffer in
            Result { () throws(JSONError) in try JSONParser.parse(UnsafeRawBufferPointer(buffer)) }
        }
        if let parsed {
            self = try parsed.get()
        } else {
            self = try JSONValue(parsing: Array(bytes))
        }
    }

    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
}
