package import HTTPTypes
package import Hummingbird

extension Router where Context == ServiceRequestContext {
    /// Adds a route, with all the query parameters that it takes: with any other a request does not mean what it would get (a filter that
    /// is passed over shows everybody's orders), and so is 400. Every route comes in here.
    package func on(
        _ method: HTTPRequest.Method, _ path: RouterPath, query names: Set<Substring> = [],
        use handler: @escaping @Sendable (Request, ServiceRequestContext) async throws -> Response
    ) {
        on(path, method: method) { request, context -> Response in
            try request.requireQuery(only: names)
            return try await handler(request, context)
        }
    }
}

extension Request {
    fileprivate func requireQuery(only names: Set<Substring>) throws(ProblemError) {
        var seen: Set<Substring> = []
        for (name, value) in uri.queryParameters where !(name.isEmpty && value.isEmpty) {
            guard names.contains(name) else {
                let known = names.isEmpty ? "there are none here" : "known are \(names.sorted().joined(separator: ", "))"
                throw ProblemError(.badRequest, "\(name.prefix(64)) is not a known query parameter: \(known)")
            }
            guard seen.insert(name).inserted else { throw ProblemError(.badRequest, "\(name) is given twice") }
        }
    }
}
