package import Hummingbird
import HTTPTypes
import Logging

extension Router where Context == ServiceRequestContext {
    /// The routes with every failure turned into a problem: nothing but an answer comes out.
    package func respondingWithProblems() -> HTTPListener.Responder {
        let responder = buildResponder()
        return { request, source in
            do {
                return try await responder.respond(to: request, context: ServiceRequestContext(source: source))
            } catch {
                let problem = ProblemError(error)
                if problem.status == .internalServerError {
                    source.logger.error("Request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
                }
                return problem.response
            }
        }
    }
}
