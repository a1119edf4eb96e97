import AdminAPI
import HTTPTypes
package import Hummingbird
import NIOCore
import Saga
package import Wire

extension Request {
    /// The longest body that is read.
    private static let largestBody = 64 * 1024

    /// The body's bytes, once it is known to be JSON of a bearable size.
    package func jsonBody() async throws -> [UInt8] {
        if let type = headers[.contentType] {
            let media = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
            guard media == "application/json" else {
                throw ProblemError(.unsupportedMediaType, "the body must be application/json")
            }
        }
        let tooLarge = ProblemError(.contentTooLarge, "the body has more than 64 KiB", headers: [.connection: "close"])
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > Request.largestBody { throw tooLarge }
        var bytes: [UInt8] = []
        for try await var buffer in body {
            guard bytes.count + buffer.readableBytes <= Request.largestBody else { throw tooLarge }
            if let part = buffer.readBytes(length: buffer.readableBytes) { bytes.append(contentsOf: part) }
        }
        return bytes
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
    /// - Parameter exists: whether the page before can have shown this; nothing that a page shows is ever deleted.
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
        drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
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
