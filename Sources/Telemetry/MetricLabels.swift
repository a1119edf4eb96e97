/// The labels of a series in the order in which they are shown. Values may be anything; they are escaped where they are written.
package struct MetricLabels: Hashable, Comparable, Sendable, ExpressibleByDictionaryLiteral {
    private let text: String

    package init(dictionaryLiteral labels: (String, String)...) {
        text = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    }

    /// As it stands between the braces, perhaps with the bound of a bucket.
    func shown(bound: String? = nil) -> String {
        switch (text.isEmpty, bound) {
        case (true, nil): ""
        case (false, nil): "{\(text)}"
        case (true, let bound?): "{le=\"\(bound)\"}"
        case (false, let bound?): "{\(text),le=\"\(bound)\"}"
        }
    }

    package static func < (a: MetricLabels, b: MetricLabels) -> Bool { a.text < b.text }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") }) else {
            return value
        }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
