import FoundationEssentials
package import HTTPTypes
package import Hummingbird
package import Logging
package import NIOCore
import NIOHTTP1
import Wire

/// A request that is answered with a problem (RFC 9457) instead of what it asked for. Thrown by handlers.
package struct ProblemError: Error {
    package let status: HTTPResponse.Status
    package let detail: String
    package let headers: HTTPFields

    package static let contentType = Problem.contentType

    package init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// Not now; the same request may be sent again after a second. Nothing was done.
    package static func unavailable(_ detail: String) -> ProblemError {
        ProblemError(.serviceUnavailable, detail, headers: [.retryAfter: "1"])
    }

    private static let unexpected = ProblemError(.internalServerError, "an unexpected error; the service's log has it")

    package var body: ByteBuffer {
        let problem = Problem(title: status.reasonPhrase, status: status.code, detail: detail)
        // A problem is made of texts and a number, which always encode.
        return ByteBuffer(bytes: (try? AdminJSON.encode(problem)) ?? .init())
    }

    package var response: Response {
        var headers = headers
        headers[.contentType] = ProblemError.contentType
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }

    /// What an error that a handler let through means to the client.
    init(_ error: any Error) {
        switch error {
        case let problem as ProblemError: self = problem
        case let error as any ProblemConvertible: self = error.problem ?? .unexpected
        case let error as HTTPError where error.status == .notFound: self.init(.notFound, "there is nothing at this path")
        case let error as HTTPError: self.init(error.status, error.body ?? error.status.reasonPhrase)
        // Nobody is left to read it; but it is the client's doing, and no matter for the log.
        case is ChannelError, is IOError, is HTTPParserError, is NIOAsyncWriterError: self.init(.badRequest, "the request ended early")
        case is CancellationError: self = .unavailable("the service is stopping")
        default: self = .unexpected
        }
    }
}

/// An error of a layer that knows nothing of HTTP, for which somebody who knows both says how it is answered.
package protocol ProblemConvertible: Error {
    /// nil where it should not have happened.
    var problem: ProblemError? { get }

    /// What the log is told of it beside its text, where it should not have happened.
    var logMetadata: Logger.Metadata { get }
}
