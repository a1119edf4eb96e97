import HTTPTypes
package import Hummingbird
import Logging

extension Router where Context == ServiceRequestContext {
    /// The routes with every failure turned into a problem: nothing but an answer comes out.
    ///
    /// - Parameter build: adds the routes.
    package static func respondingWithProblems(_ build: (ServiceRouter) -> Void) -> HTTPListener.Responder {
        let router = ServiceRouter(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
        // First, so that it sees the errors of everything, before Hummingbird makes answers of them.
        router.add(middleware: ProblemMiddleware())
        build(router)
        let responder = router.buildResponder()
        return { request, source in
            do {
                return try await responder.respond(to: request, context: ServiceRequestContext(source: source))
            } catch {
                return ProblemError(error).response
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
                context.logger.error("Request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return problem.response
        }
    }
}
