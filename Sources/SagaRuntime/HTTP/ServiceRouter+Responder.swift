import HTTPTypes
package import Hummingbird
import Logging
import SagaStore
import Systemd

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
            do {
                return try await responder.respond(to: request, context: ServiceRequestContext(source: source, place: place))
            } catch {
                return ProblemError(error).response
            }
        }
    }

    /// Answers 405 to the methods a path does not know (RFC 9110, section 15.5.6), rather than denying that the path is there.
    private func refuseOtherMethods() {
        for routes in Dictionary(grouping: routes, by: \.path.description).values {
            var known = Set(routes.map(\.method))
            if known.contains(.get) { known.insert(.head) }
            let allowed = known.map(\.rawValue).sorted().joined(separator: ", ")
            let refusal = ProblemError(.methodNotAllowed, "this path is for \(allowed)", headers: [.allow: allowed])
            for method in [.get, .head, .post, .put, .patch, .delete, .options] as [HTTPRequest.Method] where !known.contains(method) {
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
                if case StoreError.foreignConstraint = error {
                    metadata[JournalLogHandler.messageID] = "\(MessageID.constraintViolated)"
                }
                context.logger.error("Request failed", metadata: metadata)
            }
            return problem.response
        }
    }
}
