import HTTPTypes
package import Hummingbird
import Logging
import Posix

extension Router where Context == ServiceRequestContext {
    /// The routes with every failure turned into a problem: nothing but an answer comes out.
    ///
    /// - Parameter build: adds the routes.
    package static func respondingWithProblems(_ build: (ServiceRouter) -> Void) -> HTTPListener.Responder {
        let router = ServiceRouter(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
        // First, so that it sees the errors of everything, before Hummingbird makes answers of them.
        router.add(middleware: ProblemMiddleware())
        build(router)
        router.refuseOtherMethods()
        let responder = router.buildResponder()
        return { request, source, place in
            // What the server as a whole can do (RFC 9110, section 9.3.7); no other method comes here with that.
            if request.uri.string == "*" { return Response(status: .noContent) }
            let context = ServiceRequestContext(source: source, place: place)
            // What reaches no route has a name here too, which is no path.
            defer { place.reach(context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }) }
            do {
                return try await responder.respond(to: request, context: context)
            } catch {
                return ProblemError(error).response
            }
        }
    }

    /// Refuses whatever could change something.
    package static func onlyReading(_ responder: @escaping HTTPListener.Responder) -> HTTPListener.Responder {
        { request, source, place in
            guard [.get, .head].contains(request.method) else {
                return ProblemError(
                    .methodNotAllowed, "this socket is for reading: group \(UnixSocketAddress.group) may change things on admin.sock",
                    headers: [.allow: "GET, HEAD"]
                ).response
            }
            return await responder(request, source, place)
        }
    }

    /// Every method that the parser knows (RFC 9110, section 16.1); any other is 501.
    private static var methods: [HTTPRequest.Method] {
        [
            "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "MSEARCH", "MERGE", "MKACTIVITY",
            "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "QUERY", "REBIND",
            "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
        ].compactMap(HTTPRequest.Method.init(rawValue:))
    }

    /// Answers 405 to the methods a path does not know (RFC 9110, section 15.5.6), rather than denying that the path is there.
    private func refuseOtherMethods() {
        for routes in Dictionary(grouping: routes, by: \.path.description).values {
            var known = Set(routes.map(\.method))
            if known.contains(.get) { known.insert(.head) }
            let allowed = known.map(\.rawValue).sorted().joined(separator: ", ")
            let refusal = ProblemError(.methodNotAllowed, "this path is for \(allowed)", headers: [.allow: allowed])
            for method in Self.methods where !known.contains(method) {
                on(routes[0].path, method: method) { _, _ -> Response in throw refusal }
            }
        }
    }
}

private struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ServiceRequestContext, next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = ProblemError(error)
            if problem.status == .internalServerError {
                var metadata: Logger.Metadata = ["path": "\(request.uri.path)", "error": "\(error)"]
                if let error = error as? any ProblemConvertible { metadata.merge(error.logMetadata) { $1 } }
                context.logger.error("Request failed", metadata: metadata)
            }
            return problem.response
        }
    }
}
