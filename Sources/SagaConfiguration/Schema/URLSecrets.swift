/// What of a URL may be secret: who asks, with the password, and the query, in which services that hand out URLs put a token.
enum URLSecrets {
    static func hidden(in url: String) -> String {
        let (path, query) = parts(url, at: "?")
        guard let scheme = path.firstRange(of: "//") else { return path + (query == nil ? "" : "?***") }
        let rest = path[scheme.upperBound...]
        let (authority, _) = parts(String(rest), at: "/")
        let host = authority.lastIndex(of: "@").map { "***" + authority[$0...] } ?? authority
        return path[..<scheme.upperBound] + host + rest.dropFirst(authority.count) + (query == nil ? "" : "?***")
    }

    private static func parts(_ text: String, at separator: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}
