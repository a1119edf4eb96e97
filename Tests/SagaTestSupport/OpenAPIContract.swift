import Foundation
import Saga
import Wire

/// An OpenAPI document as a promise: whether it is sound in itself, and whether an answer keeps it.
package struct OpenAPIContract: Sendable {
    private let document: JSONValue
    private let schema: JSONSchema
    private let operations: [Operation]

    private struct Operation {
        let method: String
        let path: String
        let value: JSONValue
    }

    package init(_ bytes: [UInt8]) throws {
        let document = try JSONValue(parsing: bytes)
        self.document = document
        schema = JSONSchema(document: document)
        operations = (document["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { Operation(method: $0.name.uppercased(), path: path.name, value: $0.value) }
        }
    }

    /// Every described route, such as `GET /orders/{orderId}`.
    package var routes: [String] { operations.map { "\($0.method) \($0.path)" } }

    // MARK: In itself

    /// What is wrong with the document, as far as it can be said without the whole of OpenAPI's own schema.
    package var problems: [String] {
        var problems = references(in: document).filter { schema.resolve($0) == nil }.map { "\($0) leads nowhere" }
        if document["openapi"]?.string != "3.1.0" { problems.append("not OpenAPI 3.1") }
        for member in ["title", "version"] where document["info"]?[member]?.string == nil { problems.append("info.\(member) is missing") }
        let ids = operations.map { $0.value["operationId"]?.string ?? "" }
        if ids.contains("") || Set(ids).count != ids.count { problems.append("operation ids are not unique") }
        return problems + operations.flatMap { self.problems(of: $0) }
    }

    private func problems(of operation: Operation) -> [String] {
        let name = "\(operation.method) \(operation.path)"
        var problems: [String] = []
        let parameters = (operation.value["parameters"]?.array ?? []).map(resolved)
        let inPath = parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string }
        let inTemplate = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        if inPath != inTemplate { problems.append("\(name): the path's parameters are \(inTemplate), described are \(inPath)") }
        for parameter in parameters {
            if let example = parameter["example"], let rule = parameter["schema"] {
                problems += schema.problems(of: example, as: rule, at: "\(name): example")
            }
        }
        let answers = (operation.value["responses"]?.object?.members ?? []).map(\.value)
        if answers.isEmpty { problems.append("\(name): no answers") }
        for body in [operation.value["requestBody"]].compactMap(\.self) + answers.map(resolved) {
            if body["description"] == nil, body["required"] == nil { problems.append("\(name): an answer without a description") }
            for media in body["content"]?.object?.members.map(\.value) ?? [] {
                guard let rule = media["schema"] else {
                    problems.append("\(name): content without a schema")
                    continue
                }
                if let example = media["example"] { problems += schema.problems(of: example, as: rule, at: "\(name): example") }
            }
        }
        return problems
    }

    private func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object): object.members.flatMap { $0.name == "$ref" ? [$0.value.string ?? ""] : references(in: $0.value) }
        case .array(let values): values.flatMap(references)
        default: []
        }
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        value["$ref"]?.string.flatMap(schema.resolve) ?? value
    }

    // MARK: Kept or broken

    /// What is wrong with an answer to a request.
    package func problems(of answer: HTTPAnswer, to method: String, _ target: String) -> [String] {
        let path = target.prefix { $0 != "?" }
        let there = operations.filter { matches($0.path, path) }
        guard let operation = there.first(where: { $0.method == (method == "HEAD" ? "GET" : method) }) else {
            return problems(ofRefusal: answer, expecting: there.isEmpty ? 404 : 405)
        }
        guard let described = operation.value["responses"]?["\(answer.status)"].map(resolved) else {
            return ["status \(answer.status) is not described for \(method) \(operation.path): \(answer.text)"]
        }
        var problems: [String] = []
        for header in described["headers"]?.object?.members ?? [] {
            if let text = answer[header.name], let rule = header.value["schema"] {
                problems += schema.problems(of: .string(text), as: rule, at: header.name)
            } else if header.value["required"] == .bool(true) {
                problems.append("there is no \(header.name)")
            }
        }
        guard let media = described["content"]?.object?.members.first, let rule = media.value["schema"] else {
            return problems + (answer.body.isEmpty ? [] : ["there should be no body"])
        }
        if answer["Content-Type"] != media.name { problems.append("content type \(answer["Content-Type"] ?? "none") for \(media.name)") }
        // A stream has no end at which it could be held against a schema.
        guard method != "HEAD", media.name != "text/event-stream" else { return problems }
        return problems + self.problems(ofBody: answer, as: rule)
    }

    private func problems(ofRefusal answer: HTTPAnswer, expecting status: Int) -> [String] {
        var problems = answer.status == status ? [] : ["status \(answer.status), not \(status)"]
        if answer["Content-Type"] != "application/problem+json" { problems.append("no problem: \(answer["Content-Type"] ?? "")") }
        if status == 405, answer["Allow"] == nil { problems.append("there is no Allow") }
        return problems
    }

    private func problems(ofBody answer: HTTPAnswer, as rule: JSONValue) -> [String] {
        do {
            return schema.problems(of: try answer.json, as: rule)
        } catch {
            return ["no JSON: \(error): \(answer.text)"]
        }
    }

    private func matches(_ template: String, _ path: Substring) -> Bool {
        let (wanted, found) = (template.split(separator: "/"), path.split(separator: "/"))
        return wanted.count == found.count && zip(wanted, found).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
