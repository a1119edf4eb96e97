/// What must hold in the end, whatever was killed.
enum Invariant: String, CaseIterable, Sendable {
    case answers = "every request was answered in the end, and as documented"
    case keys = "a key stands for one order, and is answered the same each time"
    case promises = "every order that was promised is there, as it was asked for, and has ended"
    case strangers = "there is no order that nobody asked for"
    case ends = "each order ended in a way that it could"
    case finality = "what had ended stayed as it was, and what was promised was there ever after"
    case stock = "available, reserved and sold add up; what is sold is what was approved"
    case reservations = "stock is committed for approved orders, and for no others"
    case money = "there is one approved payment for each approved order, and no other"
    case rest = "nothing is left to tell or to hear, and no dead letter"
    case reconciliation = "sagactl reconcile finds nothing"
    case processes = "no daemon ended or failed by itself"
}

/// Where it did not hold.
struct Violation: Sendable, Equatable, CustomStringConvertible {
    let invariant: Invariant
    let text: String

    var description: String { "\(invariant): \(text)" }
}
