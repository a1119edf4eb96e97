import Foundation
import Saga
import Wire

extension FuzzTarget {
    /// The JSON reader against Foundation's, which is written by others from the same RFC 8259: both refuse, or both read the same.
    static let json = FuzzTarget(
        "json",
        seeds: [
            #"{"a":[1,-2,3.5,1e3,true,false,null,"x\n\"\\\/\u00e9\ud83d\ude00é"],"b":{}}"#, "[]", " 0 ", #""""#, "[[[[1]]]]",
            "-9223372036854775808",
            #"{"":{"":""}}"#, "[{\"a\":1,\r\n}, ]",
        ].map { Array($0.utf8) },
        words: Sample.jsonWords
    ) { bytes in
        let ours = try? JSONValue(parsing: bytes)
        // Read from other memory, and as a collection without any, it is the same.
        try require(ours == (try? JSONValue(parsing: bytes.lazy.map { $0 })), "the kind of collection matters")
        try compare(bytes)
    }

    private static func compare(_ bytes: [UInt8]) throws {
        let ours = Result { () throws(JSONError) in try JSONValue(parsing: bytes) }
        let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        switch (ours, theirs) {
        case (.failure, nil): break
        case (.success(let ours), let theirs?): try require(agree(ours, theirs), "read as \(ours), elsewhere as \(theirs)")
        case (.success(let ours), nil): try require(hasNumber(ours), "read as \(ours), refused elsewhere")
        case (.failure(let error), let theirs?):
            guard !isRefusedHereAlone(bytes, error) else { return }
            let rest = withoutTrailingCommas(bytes)
            try require(rest.count < bytes.count, "refused, \(error), read elsewhere as \(theirs)")
            try compare(rest)
        }
    }

    /// What we refuse on purpose: more than 32 levels, more than 64 members, a member twice, encodings beside UTF-8, a byte order mark.
    private static func isRefusedHereAlone(_ bytes: [UInt8], _ error: JSONError) -> Bool {
        let limits = ["nested deeper", "64 members", "is there twice"]
        // JSONSerialization takes UTF-16 and UTF-32, which it knows by their zeros, and byte order marks (RFC 8259, section 8.1).
        let otherEncoding = bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.prefix(4).contains { $0 == 0 || $0 >= 0xFE }
        return otherEncoding || limits.contains { error.description.contains($0) }
    }

    /// JSONSerialization takes a comma behind the last item, which the grammar does not have: without it both are to agree again.
    private static func withoutTrailingCommas(_ bytes: [UInt8]) -> [UInt8] {
        var rest: [UInt8] = []
        var isBeforeEnd = false
        for byte in bytes.reversed() {
            let isTrailing = byte == UInt8(ascii: ",") && isBeforeEnd
            if !isTrailing { rest.append(byte) }
            if !" \t\r\n".utf8.contains(byte) { isBeforeEnd = "]}".utf8.contains(byte) }
        }
        return rest.reversed()
    }

    /// Foundation refuses numbers beyond the range of `Double`, which the grammar allows; here they have no value, and no member takes them.
    private static func hasNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .number: true
        case .object(let object): object.members.contains { hasNumber($0.value) }
        case .array(let values): values.contains(where: hasNumber)
        case .string, .integer, .bool, .null: false
        }
    }

    private static func agree(_ ours: JSONValue, _ theirs: Any) -> Bool {
        switch (ours, theirs) {
        case (.object(let ours), let theirs as [String: Any]):
            return ours.members.count == theirs.count
                && ours.members.allSatisfy { member in theirs[member.name].map { agree(member.value, $0) } ?? false }
        case (.array(let ours), let theirs as [Any]):
            return ours.count == theirs.count && zip(ours, theirs).allSatisfy { agree($0, $1) }
        // Foundation takes U+FEFF at the beginning of a string for a byte order mark, and drops it.
        case (.string(let ours), let theirs as String):
            return ours.utf8.elementsEqual(theirs.utf8)
                || ours.unicodeScalars.drop { $0 == "\u{FEFF}" }.elementsEqual(theirs.unicodeScalars)
        case (.null, is NSNull): return true
        case (.bool(let ours), let theirs as NSNumber): return theirs.boolValue == ours
        case (.integer(let ours), let theirs as NSNumber): return theirs.int64Value == ours
        case (.number, is NSNumber): return true
        default: return false
        }
    }
}
