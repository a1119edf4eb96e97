/// What a request line asks for, in the one spelling that everything behind it compares: the gate, the limits and the router see
/// `/orders` for `//orders/`, `/./orders`, `/%6Frders` and `http://host/orders`, or none of them would see the same.
///
/// Dot segments are resolved and percent-encodings of characters that need none are decoded (RFC 3986, section 6.2.2); empty segments
/// mean nothing here. An encoded slash stays one, as it is a part of a name. The query is left as it is.
package struct RequestTarget: Equatable, Sendable {
    /// Path and query; `*` for the server as a whole.
    package let text: String
    /// The host of a target in absolute form, which counts instead of the field Host (RFC 9112, section 3.2.2).
    package let authority: String?

    /// nil where it is none.
    package init?(_ target: String) {
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else { return nil }
        var rest = target[...]
        var authority: Substring?
        for scheme in ["http://", "https://"] where target.count > scheme.count && target.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            authority = rest.prefix { $0 != "/" && $0 != "?" }
            rest = rest.dropFirst(authority!.count)
        }
        if authority == nil, target != "*", target.first != "/" { return nil }
        let path = rest.prefix { $0 != "?" }
        guard let resolved = target == "*" ? "*" : RequestTarget.resolved(path) else { return nil }
        text = resolved + rest.dropFirst(path.count)
        self.authority = authority.map(String.init)
    }

    /// Whether it is spelled as everything compares it already, as nearly all are.
    static func isPlain(_ target: String) -> Bool {
        var last: UInt8 = 0
        var count = 0
        for byte in target.utf8 {
            if byte == UInt8(ascii: "?") { break }
            switch byte {
            case UInt8(ascii: "/") where last == UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "."): return false
            case UInt8(ascii: "/") where last == 0: break
            case _ where last == 0: return false
            default: break
            }
            last = byte
            count += 1
        }
        guard count == 1 || count > 1 && last != UInt8(ascii: "/") else { return false }
        return target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }

    private static func resolved(_ path: Substring) -> String? {
        var segments: [String] = []
        for segment in path.split(separator: "/") {
            guard let name = decoded(segment) else { return nil }
            switch name {
            case ".": break
            case "..": _ = segments.popLast()
            default: segments.append(name)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// With the percent-encodings of unreserved characters decoded; nil where one is broken.
    private static func decoded(_ segment: Substring) -> String? {
        var parts = segment.split(separator: "%", omittingEmptySubsequences: false)
        var text = String(parts.removeFirst())
        for part in parts {
            guard part.prefix(2).count == 2, part.prefix(2).allSatisfy(\.isHexDigit), let byte = UInt8(part.prefix(2), radix: 16) else {
                return nil
            }
            text += isUnreserved(byte) ? String(Unicode.Scalar(byte)) : "%" + part.prefix(2).uppercased()
            text += part.dropFirst(2)
        }
        return text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
