import Wire

/// What a gateway says became of a charge, when it is only asked for that.
package enum GatewayRecord: Equatable, Sendable {
    case known(GatewayOutcome)
    /// It knows nothing of it.
    case absent
    /// It cannot be asked for that, which is no fault.
    case notOffered
    case unanswered(String)

    package init(status: Int, body: [UInt8]?) {
        let said = try? JSONObject(parsing: body ?? []).string("status")
        switch (status, said) {
        case (200, "APPROVED"): self = .known(.approved)
        case (200, "DECLINED"): self = .known(.declined)
        case (200, "REFUNDED"): self = .known(.refunded)
        case (404, _): self = .absent
        case (405, _), (501, _): self = .notOffered
        default: self = .unanswered("it answered \(status)")
        }
    }

    /// Whether it goes with what is known here. What is not settled goes with everything.
    package func agrees(with status: PaymentStatus) -> Bool {
        switch (status, self) {
        case (.pending, _), (.unwanted, _), (.refunding, _), (.void, _): true
        case (.approved, .known(.approved)): true
        // Nothing is charged, one way or another.
        case (.failed, .known(.declined)), (.failed, .known(.refunded)), (.failed, .absent): true
        case (.refunded, .known(.refunded)), (.refunded, .known(.declined)), (.refunded, .absent): true
        case (.approved, _), (.failed, _), (.refunded, _): false
        }
    }
}
