import Foundation
import Saga
package import Wire

/// Checks values against the part of JSON Schema (2020-12) that the documents use. A keyword it does not know is a problem too, so that
/// nothing is passed over in silence.
package struct JSONSchema: Sendable {
    /// The document that `$ref` points into.
    private let document: JSONValue

    package init(document: JSONValue) {
        self.document = document
    }

    /// What is wrong with `value`; nothing when it is as `schema` says.
    package func problems(of value: JSONValue, as schema: JSONValue, at place: String = "$") -> [String] {
        if case .bool(let isAllowed) = schema { return isAllowed ? [] : ["\(place) must not be there"] }
        guard let keywords = schema.object else { return ["\(place): a schema that is none"] }
        return keywords.members.flatMap { problems(of: value, keyword: $0.name, $0.value, in: schema, at: place) }
    }

    /// What a local reference such as `#/components/schemas/Order` points to.
    package func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { $0?[String($1)] }
    }

    private func problems(of value: JSONValue, keyword: String, _ rule: JSONValue, in schema: JSONValue, at place: String) -> [String] {
        func problem(unless holds: Bool, _ what: String) -> [String] { holds ? [] : ["\(place) \(what)"] }
        let unreadable = ["\(place): \(keyword) is not as this checker knows it"]
        switch keyword {
        case "description", "example", "default", "then", "else": return []
        case "$ref":
            guard let target = rule.string.flatMap(resolve) else { return ["\(place): \(keyword) leads nowhere"] }
            return problems(of: value, as: target, at: place)
        case "type":
            guard let type = rule.string else { return unreadable }
            return problem(unless: value.isOf(type), "is not of type \(type)")
        case "const": return problem(unless: value == rule, "is not the one value")
        case "enum": return problem(unless: rule.array?.contains(value) == true, "is none of the values")
        case "minimum", "maximum":
            guard let value = value.integer, let limit = rule.integer else { return [] }
            return problem(unless: keyword == "minimum" ? value >= limit : value <= limit, "is out of range")
        case "minLength", "maxLength":
            guard let length = value.string?.unicodeScalars.count, let limit = rule.integer else { return [] }
            return problem(unless: keyword == "minLength" ? length >= limit : length <= limit, "has a wrong length")
        case "pattern":
            guard let text = value.string else { return [] }
            return problem(unless: rule.string.flatMap { text.range(of: $0, options: .regularExpression) } != nil, "does not match")
        case "format":
            guard let text = value.string else { return [] }
            switch rule.string {
            case "uuid": return problem(unless: UUID(uuidString: text) != nil, "is no UUID")
            case "date-time":
                let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
                return problem(unless: (try? style.parse(text)) != nil, "is no time")
            default: return unreadable
            }
        case "items":
            return (value.array ?? []).enumerated().flatMap { problems(of: $1, as: rule, at: "\(place)[\($0)]") }
        case "maxItems": return problem(unless: value.array?.count ?? 0 <= rule.integer ?? 0, "has too many items")
        case "properties":
            return (rule.object?.members ?? []).flatMap { member in
                value[member.name].map { problems(of: $0, as: member.value, at: "\(place).\(member.name)") } ?? []
            }
        case "required":
            guard let object = value.object else { return [] }
            return (rule.array ?? []).compactMap(\.string).filter { object[$0] == nil }.map { "\(place).\($0) is missing" }
        case "additionalProperties":
            guard rule == .bool(false) else { return unreadable }
            let known = schema["properties"]?.object?.members.map(\.name) ?? []
            return (value.object?.members ?? []).filter { !known.contains($0.name) }.map { "\(place).\($0.name) is not described" }
        case "allOf": return (rule.array ?? []).flatMap { problems(of: value, as: $0, at: place) }
        case "if":
            let branch = problems(of: value, as: rule, at: place).isEmpty ? schema["then"] : schema["else"]
            return branch.map { problems(of: value, as: $0, at: place) } ?? []
        default: return ["\(place): the keyword \(keyword) is not known to this checker"]
        }
    }
}

extension JSONValue {
    fileprivate func isOf(_ type: String) -> Bool {
        switch self {
        case .object: type == "object"
        case .array: type == "array"
        case .string: type == "string"
        case .integer: type == "integer" || type == "number"
        case .number: type == "number"
        case .bool: type == "boolean"
        case .null: type == "null"
        }
    }
}
