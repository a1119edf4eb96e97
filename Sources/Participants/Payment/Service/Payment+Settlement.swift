package import Saga

/// What a gateway was asked.
package enum GatewayQuestion: Equatable, Sendable {
    case charge(Charge)
    case refund(Charge)

    package var charge: Charge {
        switch self {
        case .charge(let charge), .refund(let charge): charge
        }
    }
}

/// What a gateway has done, for good.
package enum GatewayOutcome: Equatable, Sendable {
    case approved, declined, refunded
}

/// The part of the machine that knows a gateway which answers late, or never.
///
/// The intent is a state: a payment is PENDING, with its id and the id of the event that will answer, before anybody is asked, and REFUNDING
/// before anything is given back. Only an outcome that is known moves it on.
extension Payment {
    /// What is to be asked, again and again under the same key, until it is known.
    package var question: GatewayQuestion? {
        guard let charge = answer?.claim, charge.isExternal else { return nil }
        return switch status {
        case .pending, .unwanted: .charge(charge)
        case .refunding: .refund(charge)
        case .approved, .failed, .refunded, .void: nil
        }
    }

    static func ask(for charge: Charge, _ context: inout DecisionContext) -> Reaction<Payment> {
        var charge = charge
        charge.isExternal = true
        return .applied(
            Payment(orderID: charge.orderID, status: .pending, answer: Answer(eventID: context.newID(), claim: charge, failure: nil)),
            Transition(from: nil, to: PaymentStatus.pending.shown))
    }

    /// The order came to nothing. What was charged outside is given back outside, and what is not known to be charged is settled first.
    func takeBack(_ context: inout DecisionContext) -> Reaction<Payment> {
        guard answer?.claim.isExternal == true else { return Payment.compensate(self, of: orderID, &context) }
        return switch status {
        case .pending: moved(to: .unwanted)
        case .approved: moved(to: .refunding)
        case .unwanted, .failed, .refunding, .refunded, .void: .notApplicable
        }
    }

    /// The gateway has answered.
    package func settle(_ outcome: GatewayOutcome, _ context: inout DecisionContext) -> Reaction<Payment> {
        guard let answer else { return .notApplicable }
        switch (status, outcome) {
        case (.pending, .approved): return moved(to: .approved, emitting: answer.emission)
        // Published as it was: charged, and given back as soon as that is confirmed.
        case (.unwanted, .approved): return moved(to: .refunding, emitting: answer.emission)
        case (.pending, .declined), (.unwanted, .declined):
            var declined = self
            declined.answer?.failure = .declined
            return declined.moved(to: .failed, emitting: declined.answer!.emission)
        case (.refunding, .refunded):
            return moved(to: .refunded, emitting: context.emission(Money.compensation(of: answer.claim)))
        default: return .notApplicable
        }
    }

    private func moved(to status: PaymentStatus, emitting emissions: Emission...) -> Reaction<Payment> {
        var payment = self
        payment.status = status
        let isSeen = self.status.shown != status.shown
        return Reaction(
            outcome: .applied, state: payment, transition: isSeen ? Transition(from: self.status.shown, to: status.shown) : nil,
            emissions: emissions)
    }
}
