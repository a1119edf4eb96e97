import FoundationEssentials
import HTTPServer
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// What a browser may ask for, once it is let in.
struct WebRoutes: Sendable {
    private let source: WebSource
    private let feed: WebFeed
    private let traces: WebTraces

    init(source: WebSource, feed: WebFeed) {
        self.source = source
        self.feed = feed
        traces = WebTraces(source.trace)
    }

    var responder: HTTPListener.Responder {
        ServiceRouter.respondingWithProblems { router in
            router.get("/") { _, _ in PageFiles.index.response }
            for (name, file) in PageFiles.parts {
                router.get("/\(name)") { _, _ in file.response }
            }
            router.get("/events") { _, context in events(context) }
            router.get("/trace/{orderId}") { _, context in try await trace(of: context.parameters.get("orderId") ?? "") }
        }
    }

    private func trace(of order: String) async throws -> Response {
        guard let id = ID<Never>(order) else { throw ProblemError(.badRequest, "an order's id is a UUID") }
        switch await traces.trace(of: "\(id)") {
        case .found(let json):
            return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: json)))
        case .unknown(let detail): throw ProblemError(.notFound, detail)
        case .unavailable(let detail): throw ProblemError.unavailable(detail)
        }
    }

    /// The choreography once, then a snapshot each second. Ends when the client has gone, when others need its place, and with the server.
    private func events(_ context: ServiceRequestContext) -> Response {
        let body = ResponseBody { writer in
            let (snapshots, viewer) = await feed.join()
            let watch = Task {
                await context.wait { try? await Task.sleep(for: .seconds(Int32.max)) }
                viewer.finish()
            }
            defer {
                watch.cancel()
                viewer.finish()
            }
            try await writer.write(WebRoutes.event("choreography", source.choreography))
            for await snapshot in snapshots { try await writer.write(WebRoutes.event("snapshot", snapshot)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
    }

    /// As the HTML standard has it, section 9.2.5.
    private static func event(_ name: String, _ json: Data) -> ByteBuffer {
        var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
        buffer.writeBytes(json)
        buffer.writeString("\n\n")
        return buffer
    }
}
