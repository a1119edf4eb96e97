import Wire

/// What a gateway answered to a question.
package enum GatewayAnswer: Equatable, Sendable {
    case known(GatewayOutcome)
    /// It may have done it, or not.
    case unknown(String, retryAfter: Duration? = nil)
    /// The configuration or the adapter is wrong: nothing to wait for, and no decline.
    case refused(String)

    /// Only what the interface says is an answer is one (`Examples/gateway/openapi.yaml`).
    package init(to question: GatewayQuestion, status: Int, retryAfter: Duration?, body: [UInt8]?) {
        let said = try? JSONObject(parsing: body ?? []).string("status")
        switch (question, status, said) {
        case (.charge, 200, "APPROVED"), (.charge, 201, "APPROVED"): self = .known(.approved)
        case (.charge, 402, "DECLINED"): self = .known(.declined)
        case (.refund, 200, "REFUNDED"): self = .known(.refunded)
        case (_, 400, _), (_, 401, _), (_, 403, _), (_, 404, _), (_, 422, _): self = .refused("it answered \(status)")
        case (_, 429, _), (_, 503, _):
            self = .unknown("it answered \(status)", retryAfter: retryAfter)
        default: self = .unknown("it answered \(status), \(said.map { "saying \($0.prefix(32))" } ?? "without a readable status")")
        }
    }
}
