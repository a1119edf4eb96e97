/// One thing that is off with an order: what kind of thing, and in words.
struct Finding: Equatable {
    /// The names that scripts know.
    enum Kind: String, Encodable, Sendable {
        case stockMismatch = "stock-mismatch"
        case reservationMissing = "reservation-missing"
        case paymentMissing = "payment-missing"
        case unknownOrder = "unknown-order"
        case notCompensated = "not-compensated"
        case chargedTwice = "charged-twice"
        case undecided
        case unsettled
        case gatewayMismatch = "gateway-mismatch"
    }

    let kind: Kind
    let text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
