import Saga

/// Asks one daemon, with a connection for each request.
package struct HTTPClient: Sendable {
    package let address: HTTPAddress

    package init(_ address: HTTPAddress) {
        self.address = address
    }

    package func get(_ target: String, headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await ask("GET", target, headers: headers)
    }

    /// - Parameter json: sent as application/json.
    package func post(_ target: String, json: String = "", headers: [(String, String)] = []) async throws -> HTTPAnswer {
        try await ask("POST", target, headers: [("Content-Type", "application/json")] + headers, body: Array(json.utf8))
    }

    package func put(_ target: String, json: String) async throws -> HTTPAnswer {
        try await ask("PUT", target, headers: [("Content-Type", "application/json")], body: Array(json.utf8))
    }

    package func ask(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let connection = try await HTTPConnection(address)
        defer { connection.close() }
        try await connection.send(HTTPClient.request(method, target, headers: headers + [("Connection", "close")], body: body))
        return try await connection.answer(to: method)
    }

    /// A request as bytes, for those who send several on one connection, or only a part.
    package static func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) -> [UInt8] {
        var fields = [("Host", "localhost")] + headers
        if let body {
            if !headers.contains(where: { $0.0 == "Content-Type" }) { fields.append(("Content-Type", "application/json")) }
            fields.append(("Content-Length", "\(body.count)"))
        }
        let lines = ["\(method) \(target) HTTP/1.1"] + fields.map { "\($0): \($1)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
    }
}
