/// What of a URL, or a connection string, may be secret: who asks, with the password, and the query, in which services that hand out URLs put a token.
enum URLSecrets {
    static func hidden(in url: String) -> String {
        let (path, query) = parts(url, at: "?")
        guard let scheme = path.firstRange(of: "//") else { return path + (query == nil ? "" : "?***") }
        let rest = path[scheme.upperBound...]
        let (authority, _) = parts(String(rest), at: "/")
        let host = authority.lastIndex(of: "@").map { "***" + authority[$0...] } ?? authority
        return path[..<scheme.upperBound] + host + rest.dropFirst(authority.count) + (query == nil ? "" : "?***")
    }

    /// In a connection string of libpq, which is a URL or a list of `name=value` ("Connection Strings").
    static func hiddenInConnection(_ text: String) -> String {
        guard !text.contains("://") else { return hidden(in: text) }
        return text.replacing(/(?<name>password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)+)/.ignoresCase()) { "\($0.name)***" }
    }

    private static func parts(_ text: String, at separator: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}
