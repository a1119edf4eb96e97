package import AdminAPI
package import Hummingbird
import HTTPTypes
package import HTTPServer
import Logging

extension Router where Context == ServiceRequestContext {
    /// Serves a route of the table that clients take their paths from. What it changed, and who asked for it, is in the log.
    package func on(
        _ route: AdminRoute, query names: Set<Substring> = [],
        use handler: @escaping @Sendable (Request, ServiceRequestContext) async throws -> Response
    ) {
        let path = route.template.replacing("{", with: ":").replacing("}", with: "")
        on(HTTPRequest.Method(rawValue: route.method.rawValue)!, RouterPath(path), query: names) { request, context in
            let response = try await handler(request, context)
            if route.method != .get, let channel = context.channel, let caller = await Caller(on: channel) {
                context.logger.notice("\(route.method.rawValue) \(request.uri.path) by \(caller)", metadata: caller.fields)
            }
            return response
        }
    }
}
