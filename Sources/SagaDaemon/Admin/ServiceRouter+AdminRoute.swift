package import AdminAPI
package import Hummingbird
import HTTPTypes
package import HTTPServer

extension Router where Context == ServiceRequestContext {
    /// Serves a route of the table that clients take their paths from.
    package func on(
        _ route: AdminRoute, query names: Set<Substring> = [],
        use handler: @escaping @Sendable (Request, ServiceRequestContext) async throws -> Response
    ) {
        let path = route.template.replacing("{", with: ":").replacing("}", with: "")
        on(HTTPRequest.Method(rawValue: route.method.rawValue)!, RouterPath(path), query: names, use: handler)
    }
}
