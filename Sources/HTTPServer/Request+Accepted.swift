import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

extension Request {
    /// Removed by the codec where it is `authority`, so what is left is a second one.
    private static let host = HTTPField.Name("Host")!

    /// The longest body that is taken.
    private static let largestBody = 64 * 1024

    /// The request, with a body that asks for itself if the client waits for that (RFC 9110, section 10.1.1): so a request that is
    /// answered without its body is answered at once. What is refused here is refused on every route, also where no body is read.
    ///
    /// - Throws: 400 without exactly one valid Host field (RFC 9112, section 3.2), 403 and 421 by the rule, 413 and 415 for a body that
    ///   nobody would read, 417 if something else is expected.
    func accepted(on channel: any Channel, at reach: ListenerReach, by rule: BrowserRule) async throws -> Request {
        guard let authority = head.authority, !headers.contains(Request.host) else {
            throw ProblemError(.badRequest, "the request must have exactly one Host field", headers: [.connection: "close"])
        }
        guard let host = RequestHost(authority) else {
            throw ProblemError(.badRequest, "the request's Host is no host", headers: [.connection: "close"])
        }
        try rule.check(self, for: host, at: reach)
        if let length = contentLength.flatMap({ Int($0) }), length > Request.largestBody { throw Request.tooLarge }
        if let coding = headers.value(of: .contentEncoding), hasBody, coding.lowercased() != "identity" {
            throw ProblemError(
                .unsupportedMediaType, "the body must not be encoded, as Content-Encoding says", headers: [.acceptEncoding: "identity"])
        }
        var request = self
        if let expectation = headers.value(of: .expect) {
            guard expectation.lowercased() == "100-continue" else {
                throw ProblemError(.expectationFailed, "only 100-continue can be expected", headers: [.connection: "close"])
            }
            request.body = RequestBody(asyncSequence: AwaitedBody(body: body, channel: channel))
        } else if headers.contains(.transferEncoding) {
            // Its length is known only at its end, and to nobody where a route does not read it.
            request.body = RequestBody(buffer: ByteBuffer(bytes: try await bodyBytes()))
        }
        return request
    }

    /// Whether something comes behind the head.
    var hasBody: Bool {
        headers.contains(.transferEncoding) || contentLength.map { $0 != "0" } ?? false
    }

    /// There is at most one (the parser refuses others).
    private var contentLength: String? { headers.first { $0.name == .contentLength }?.value }

    /// The body in one piece.
    func bodyBytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await var buffer in body {
            guard bytes.count + buffer.readableBytes <= Request.largestBody else { throw Request.tooLarge }
            if let part = buffer.readBytes(length: buffer.readableBytes) { bytes.append(contentsOf: part) }
        }
        return bytes
    }

    private static var tooLarge: ProblemError {
        ProblemError(.contentTooLarge, "the body has more than 64 KiB", headers: [.connection: "close"])
    }
}

/// A body that its client sends only when told to: 100 Continue is sent once somebody begins to read.
private struct AwaitedBody: AsyncSequence, Sendable {
    let body: RequestBody
    let channel: any Channel

    struct AsyncIterator: AsyncIteratorProtocol {
        var body: RequestBody.AsyncIterator
        /// nil once the client was told.
        var channel: (any Channel)?

        mutating func next() async throws -> ByteBuffer? {
            if let channel {
                self.channel = nil
                try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
            }
            return try await body.next()
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: body.makeAsyncIterator(), channel: channel)
    }
}
