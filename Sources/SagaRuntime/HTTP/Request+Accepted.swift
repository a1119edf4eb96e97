import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

extension Request {
    /// Removed by the codec where it is `authority`, so what is left is a second one.
    private static let host = HTTPField.Name("Host")!

    /// The request, with a body that asks for itself if the client waits for that (RFC 9110, section 10.1.1): so a request that is
    /// answered without its body is answered at once.
    ///
    /// - Throws: 400 without exactly one Host field (RFC 9112, section 3.2), 417 if something else is expected.
    func accepted(on channel: any Channel) throws(ProblemError) -> Request {
        guard head.authority != nil, !headers.contains(Request.host) else {
            throw ProblemError(.badRequest, "the request must have exactly one Host field", headers: [.connection: "close"])
        }
        guard let expectation = headers[.expect] else { return self }
        guard expectation.lowercased() == "100-continue" else {
            throw ProblemError(.expectationFailed, "only 100-continue can be expected", headers: [.connection: "close"])
        }
        var request = self
        request.body = RequestBody(asyncSequence: AwaitedBody(body: body, channel: channel))
        return request
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
