package import HTTPTypes

/// A request whose answer goes out.
package struct AnsweredRequest: Sendable {
    /// nil for what came and was not one.
    package let request: HTTPRequest?
    /// The path as the router has it, such as `/orders/{orderId}`; nil where no route was asked.
    package let route: String?
    package let status: HTTPResponse.Status
    /// From the request's head to that of the answer.
    package let duration: Duration
}
