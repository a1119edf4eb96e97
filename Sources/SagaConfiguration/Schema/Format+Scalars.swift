import Wire

extension Format where Value == String {
    static var text: Self { string { _ throws(Invalid) in } }

    static var directory: Self { string(checkDirectory) }

    /// A directory short enough for the sockets in it: `sun_path` has 108 bytes and ends with a NUL (unix(7)).
    static var runtimeDirectory: Self {
        string { path throws(Invalid) in
            try checkDirectory(path)
            let longestSocket = "/inventory/events.sock"
            let limit = 107 - longestSocket.utf8.count
            if path.utf8.count > limit {
                throw Invalid(
                    "is \(path.utf8.count) bytes long; at most \(limit) leave room for <runtimeDirectory>\(longestSocket)"
                        + " in the 107 bytes of a Unix socket's address")
            }
        }
    }

    /// Empty, or http(s):// with a host.
    /// What libpq makes of it, libpq says.
    static var connection: Self { string({ _ in }, hide: URLSecrets.hiddenInConnection) }

    static var url: Self { string(checkURL, hide: URLSecrets.hidden) }

    @Sendable private static func checkURL(_ url: String) throws(Invalid) {
        let rest = ["http://", "https://"].lazy.filter { url.hasPrefix($0) }.first.map { url.dropFirst($0.count) }
        let isPlain = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
        if !url.isEmpty, !isPlain || rest?.first.map({ $0 == "/" || $0 == ":" || $0 == "?" }) ?? true {
            throw Invalid("\(URLSecrets.hidden(in: url).shown) is not a URL, such as https://orders.example.com/hook")
        }
    }

    /// The same without a query, and without a password, which belongs into a credential.
    static var baseURL: Self {
        string { url throws(Invalid) in
            try checkURL(url)
            if url.contains(where: { "?@".contains($0) }) {
                let shown = URLSecrets.hidden(in: url).shown
                throw Invalid("\(shown) is not a URL such as https://payments.example.com/v1: no query, no password")
            }
        }
    }

    static var optionalFile: Self {
        string { path throws(Invalid) in
            if !path.isEmpty { try checkDirectory(path) }
        }
    }

    static var host: Self {
        string { host throws(Invalid) in
            if host.isEmpty || host.contains(where: \.isWhitespace) {
                throw Invalid("\(host.shown) is not a host name or address, such as 127.0.0.1")
            }
        }
    }

    /// The names a broker accepts: `org.apache.kafka.common.internals.Topic`.
    static var topic: Self {
        string { name throws(Invalid) in
            if !consistsOfNameCharacters(name) || !(1...249).contains(name.utf8.count) || name == "." || name == ".." {
                throw Invalid("\(name.shown) is not a topic name (1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'; not \".\" or \"..\")")
            }
        }
    }

    /// A broker takes any name for a group; these need no quoting in its tools and rights.
    static var groupPrefix: Self {
        string { prefix throws(Invalid) in
            if !consistsOfNameCharacters(prefix) || !(1...100).contains(prefix.utf8.count) {
                throw Invalid("\(prefix.shown) is not a prefix for consumer groups (1 to 100 of a-z, A-Z, 0-9, '.', '_' and '-')")
            }
        }
    }

    private static func consistsOfNameCharacters(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    private static func string(
        _ check: @escaping @Sendable (String) throws(Invalid) -> Void, hide: @escaping @Sendable (String) -> String = { $0 }
    ) -> Self {
        Format("a string") { scalar throws(Invalid) in
            let text = try scalar.string()
            try check(text)
            return text
        } render: {
            .string($0)
        } hide: {
            hide($0)
        }
    }

    @Sendable private static func checkDirectory(_ path: String) throws(Invalid) {
        if !path.hasPrefix("/") {
            throw Invalid("\(path.shown) is not an absolute path, such as /run/sagad")
        }
    }
}

extension Format where Value == Int {
    static var port: Self { integer(1...65_535) }

    static func integer(_ range: ClosedRange<Int64>) -> Self {
        Format("an integer") { scalar throws(Invalid) in
            Int(try scalar.integer(range))
        } render: {
            .integer(Int64($0))
        }
    }
}

extension Format where Value == Double {
    /// From 0 to 1, as plain digits.
    static var ratio: Self {
        Format("a number from 0 to 1") { scalar throws(Invalid) in
            let isPlain =
                scalar.style != .quoted
                && scalar.text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".") }
            guard isPlain, let value = Double(scalar.text), (0...1).contains(value) else {
                throw Invalid("\(scalar.text.shown) is not a number from 0 to 1, such as 0.1")
            }
            return value
        } render: {
            .ratio($0)
        }
    }
}

extension Format where Value == Duration {
    static var duration: Self {
        Format("a duration, such as 60s") { scalar throws(Invalid) in
            try DurationText.value(of: scalar.text)
        } render: {
            .string(DurationText.write($0))
        }
    }
}

extension Format where Value == Duration? {
    static var durationOrForever: Self {
        Format("forever or a duration, such as 365d") { scalar throws(Invalid) in
            scalar.text == "forever" ? nil : try DurationText.value(of: scalar.text)
        } render: {
            .string($0.map(DurationText.write) ?? "forever")
        }
    }
}

extension Format where Value: RawRepresentable & CaseIterable & SendableMetatype, Value.RawValue == String {
    static var choice: Self {
        let choices = Value.allCases.map(\.rawValue)
        return Format("one of \(choices.joined(separator: ", "))") { scalar throws(Invalid) in
            let text = try scalar.string()
            guard let value = Value(rawValue: text) else {
                let hint = Spelling.closest(to: text, among: choices).map { "; did you mean \($0)?" } ?? ""
                throw Invalid("\(text.shown) is not one of \(choices.joined(separator: ", "))\(hint)")
            }
            return value
        } render: {
            .string($0.rawValue)
        }
    }
}
