import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests to a server that others run, each bounded as a whole, body and all, and none of them twice by itself.
///
/// Certificates are verified. A redirect is an answer like any other: who asks decides whom he trusts with what he sends.
package struct OutboundClient: Sendable {
    private let client: HTTPClient

    private static let largestBody = 64 * 1024

    /// - Parameters:
    ///   - connections: how many there may be at once.
    ///   - caFile: the certificates to trust, in PEM; empty: the system's.
    package init(connections: Int, caFile: String = "") {
        var options = HTTPClient.Configuration()
        options.redirectConfiguration = .disallow
        options.httpVersion = .http1Only
        options.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        options.connectionPool.retryConnectionEstablishment = false
        var tls = TLSConfiguration.makeClientConfiguration()
        if !caFile.isEmpty { tls.trustRoots = .file(caFile) }
        options.tlsConfiguration = tls
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: options)
    }

    /// Nobody asks any more.
    package func close() async {
        try? await client.shutdown()
    }

    /// Why certificates cannot be read from a file; nil where they can, and for the system's own.
    package static func problem(withCAFile file: String) -> String? {
        guard !file.isEmpty, (try? NIOSSLCertificate.fromPEMFile(file))?.isEmpty ?? true else { return nil }
        return "\(file) cannot be read, or has no certificate in it (PEM)"
    }

    /// - Throws: where there is no answer in that time; the server may have got it or not.
    package func post(
        _ url: String, _ fields: [(name: String, value: String)], _ body: [UInt8], within limit: Duration
    ) async throws(OutboundError) -> OutboundAnswer {
        var request = Self.request(.POST, url, fields)
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request, within: limit)
    }

    /// Likewise.
    package func get(
        _ url: String, _ fields: [(name: String, value: String)], within limit: Duration
    ) async throws(OutboundError) -> OutboundAnswer {
        try await send(Self.request(.GET, url, fields), within: limit)
    }

    private static func request(_ method: HTTPMethod, _ url: String, _ fields: [(name: String, value: String)]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = HTTPHeaders(fields.map { ($0.name, $0.value) })
        return request
    }

    private func send(_ request: HTTPClientRequest, within limit: Duration) async throws(OutboundError) -> OutboundAnswer {
        do {
            return try await withThrowingTaskGroup(of: OutboundAnswer?.self) { [client, request] group in
                group.addTask { try await Self.exchange(request, client, within: limit) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else { throw OutboundError.timeout(limit) }
                return answer
            }
        } catch let error as OutboundError {
            throw error
        } catch let error as HTTPClientError where [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error) {
            throw .timeout(limit)
        } catch {
            throw OutboundError(error)
        }
    }

    private static func exchange(
        _ request: HTTPClientRequest, _ client: HTTPClient, within limit: Duration
    ) async throws -> OutboundAnswer {
        let response = try await client.execute(request, timeout: TimeAmount(limit))
        return OutboundAnswer(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0) },
            body: try await body(of: response))
    }

    private static func body(of response: HTTPClientResponse) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await part in response.body {
            guard bytes.count + part.readableBytes <= largestBody else { return nil }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }
}
