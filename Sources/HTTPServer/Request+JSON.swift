import HTTPTypes
package import Hummingbird
import NIOCore
package import Wire

extension Request {
    /// The body's bytes, once it is known to be JSON.
    package func jsonBody() async throws -> [UInt8] {
        if hasBody || headers.contains(.contentType) { try requireJSON() }
        return try await bodyBytes()
    }

    /// A body without a type is none either: a page in a browser can send such a one to anybody.
    private func requireJSON() throws(ProblemError) {
        let type = headers[.contentType] ?? ""
        if type == "application/json" { return }
        let parts = type.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.trimmingSpaces.lowercased()
        }
        guard parts[0] == "application/json" else {
            throw ProblemError(.unsupportedMediaType, "the body must be application/json", headers: [.accept: "application/json"])
        }
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            guard ["utf-8", "\"utf-8\""].contains(parameter.dropFirst("charset=".count)) else {
                throw ProblemError(
                    .unsupportedMediaType, "JSON is in UTF-8 (RFC 8259, section 8.1)", headers: [.accept: "application/json"])
            }
        }
    }

    /// The body as a JSON object, of which `read` takes what it needs.
    package func jsonObject<Value>(_ read: (JSONObject) throws(JSONError) -> Value) async throws -> Value {
        try Request.parse(try await jsonBody(), read)
    }

    package static func parse<Value>(_ bytes: [UInt8], _ read: (JSONObject) throws(JSONError) -> Value) throws -> Value {
        let object: JSONObject
        do { object = try JSONObject(parsing: bytes) } catch { throw ProblemError(.badRequest, error.description) }
        do { return try read(object) } catch { throw ProblemError(.unprocessableContent, error.description) }
    }

    /// How long a page is to be: 50 unless asked, 500 at most.
    package func pageLimit() throws -> Int {
        guard let text = uri.queryParameters["limit"] else { return 50 }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            throw ProblemError(.badRequest, "limit must be a number from 1 to 500")
        }
        let limit = min(Int(text) ?? 500, 500)
        guard limit >= 1 else { throw ProblemError(.badRequest, "limit must be a number from 1 to 500") }
        return limit
    }

    /// Where the page before ended: pages go from newer to older ids.
    ///
    /// - Parameter exists: whether the page before can have shown this, also where it was purged since.
    package func pageCursor<Entity>(exists: (ID<Entity>) throws -> Bool) throws -> ID<Entity>? {
        guard let text = uri.queryParameters["cursor"] else { return nil }
        guard let id = ID<Entity>(text), try exists(id) else {
            throw ProblemError(.badRequest, "cursor must be the nextCursor of a page of this service")
        }
        return id
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: SubSequence {
        let start = drop { $0 == " " || $0 == "\t" }
        return start.prefix(start.lastIndex { $0 != " " && $0 != "\t" }.map { start.distance(from: start.startIndex, to: $0) + 1 } ?? 0)
    }
}

extension Response {
    package static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// For answers that are not on a hot path.
    package static func encoding(_ value: some Encodable) throws -> Response {
        json([UInt8](try AdminJSON.encode(value)))
    }
}
