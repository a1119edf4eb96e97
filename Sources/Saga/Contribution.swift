package import Wire

/// What a participant gives for one order — stock, money — and the machine that answers once and takes it back.
///
/// The first answer to a request stays: a repetition gets it again, under its id, never a compensation. A compensation that comes
/// before the request leaves a VOID mark, which the request then runs into.
package struct Contribution<Kind: ContributionKind>: Equatable, Sendable {
    package var orderID: OrderID
    package var status: Kind.Status
    /// What was asked for and answered; nil only for a VOID whose request has not come yet.
    package var answer: Answer?

    package struct Answer: Equatable, Sendable {
        package var eventID: EventID
        package var claim: Kind.Claim
        /// nil: it was given.
        package var failure: Kind.Failure?

        package init(eventID: EventID, claim: Kind.Claim, failure: Kind.Failure?) {
            self.eventID = eventID
            self.claim = claim
            self.failure = failure
        }

        package var emission: Emission { Emission(Kind.answer(claim, failure: failure), id: eventID) }
    }

    package init(orderID: OrderID, status: Kind.Status, answer: Answer?) {
        self.orderID = orderID
        self.status = status
        self.answer = answer
    }
}

/// What one participant's contribution is called, and how it is spoken of.
package protocol ContributionKind: Sendable {
    associatedtype Claim: Equatable, Sendable
    associatedtype Failure: Equatable, Sendable
    associatedtype Status: RawRepresentable<String>, Equatable, Sendable

    static var given: Status { get }
    static var refused: Status { get }
    static var takenBack: Status { get }
    static var void: Status { get }
    /// Why a request is refused whose order was canceled before.
    static var canceled: Failure { get }

    static func answer(_ claim: Claim, failure: Failure?) -> SagaEvent
    static func compensation(of claim: Claim) -> SagaEvent

    /// The members of its JSON form.
    static func write(_ contribution: Contribution<Self>, to text: inout JSONText)
}

extension Contribution: JSONWritable {
    package func write(to text: inout JSONText) { Kind.write(self, to: &text) }
}

extension Contribution {
    /// The request: answered once.
    ///
    /// - Parameter decide: whether it can be given; nil is yes. Asked for the first request only, and not after a cancellation.
    package static func request(
        _ known: Contribution?, of orderID: OrderID, _ context: inout DecisionContext, claim: (inout DecisionContext) -> Kind.Claim,
        decide: () -> Kind.Failure?
    ) -> Reaction<Contribution> {
        if let answer = known?.answer { return .alreadyApplied(answering: answer.emission) }

        let isVoid = known?.status == Kind.void
        let failure = isVoid ? Kind.canceled : decide()
        let status = isVoid ? Kind.void : failure == nil ? Kind.given : Kind.refused
        let claim = claim(&context)
        let answer = Answer(eventID: context.newID(), claim: claim, failure: failure)
        return .applied(
            Contribution(orderID: orderID, status: status, answer: answer),
            isVoid ? nil : Transition(from: nil, to: status.rawValue), emitting: answer.emission)
    }

    /// The order came to nothing: what was given is taken back, and what was not asked for yet never will be given.
    package static func compensate(
        _ known: Contribution?, of orderID: OrderID, _ context: inout DecisionContext
    ) -> Reaction<Contribution> {
        guard var contribution = known else {
            return .applied(
                Contribution(orderID: orderID, status: Kind.void, answer: nil), Transition(from: nil, to: Kind.void.rawValue))
        }
        guard contribution.status == Kind.given, let claim = contribution.answer?.claim else { return .notApplicable }
        contribution.status = Kind.takenBack
        return .applied(
            contribution, Transition(from: Kind.given.rawValue, to: Kind.takenBack.rawValue),
            emitting: context.emission(Kind.compensation(of: claim)))
    }
}
