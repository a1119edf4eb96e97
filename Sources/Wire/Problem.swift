/// Why a request was refused: RFC 9457, `application/problem+json`.
///
/// `extras` are extension members with text values; others are not kept when reading.
package struct Problem: Codable, Hashable, Sendable {
    package static let contentType = "application/problem+json"

    package let type: String
    package let title: String
    package let status: Int
    package let detail: String?
    package let extras: [String: String]

    package init(type: String = "about:blank", title: String, status: Int, detail: String? = nil, extras: [String: String] = [:]) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.extras = extras
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Member.self)
        // RFC 9457, section 3.1: every member is optional, and an absent type means about:blank.
        type = try container.decodeIfPresent(String.self, forKey: .type) ?? "about:blank"
        title = try container.decodeIfPresent(String.self, forKey: .title) ?? ""
        status = try container.decodeIfPresent(Int.self, forKey: .status) ?? 0
        detail = try container.decodeIfPresent(String.self, forKey: .detail)
        var extras: [String: String] = [:]
        for member in container.allKeys where !Member.standard.contains(member.stringValue) {
            extras[member.stringValue] = try? container.decode(String.self, forKey: member)
        }
        self.extras = extras
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Member.self)
        try container.encode(type, forKey: .type)
        try container.encode(title, forKey: .title)
        try container.encode(status, forKey: .status)
        try container.encodeIfPresent(detail, forKey: .detail)
        for (name, value) in extras where !Member.standard.contains(name) {
            try container.encode(value, forKey: Member(name))
        }
    }

    private struct Member: CodingKey {
        static let type = Member("type")
        static let title = Member("title")
        static let status = Member("status")
        static let detail = Member("detail")
        static let standard: Set = ["type", "title", "status", "detail", "instance"]

        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
