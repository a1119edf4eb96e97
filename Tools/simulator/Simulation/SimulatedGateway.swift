import OrderService
import PaymentService
import Saga
import Store
import Wire

/// The payment provider, which no crash of ours touches: what was really charged is in its ledger.
///
/// It answers late, twice, never, wrongly, also after having charged. What it must never be asked for is a violation at once.
final class SimulatedGateway {
    private struct Entry {
        let order: OrderID
        let isDeclined: Bool
        var isRefunded = false
    }

    private var ledger: [PaymentID: Entry] = [:]
    private var payments: [OrderID: PaymentID] = [:]
    private unowned let world: World

    init(world: World) {
        self.world = world
    }

    /// Sends a request on its way, which arrives also when who sent it has died.
    ///
    /// - Parameter reply: called once, twice or never.
    func receive(_ question: GatewayQuestion, reply: @escaping (GatewayAnswer) -> Void) {
        let isLate = world.strikes(.gatewayLate)
        if isLate { world.happened(.gatewayLate) }
        world.after(isLate ? .milliseconds(world.dice.pick(1000...4000)) : world.latency()) { [self] in
            if world.strikes(.gatewayNever) { return world.happened(.gatewayNever) }
            let outcome = try carryOut(question)
            if world.strikes(.gatewayLoses) { return world.happened(.gatewayLoses) }
            if world.strikes(.gatewayWrong) {
                world.happened(.gatewayWrong)
                return reply(world.dice.chance(permille: 500) ? .refused("it answered 404") : .unknown("it answered 500"))
            }
            reply(.known(outcome))
            guard world.strikes(.gatewayTwice) else { return }
            world.happened(.gatewayTwice)
            world.after(world.latency()) { reply(.known(outcome)) }
        }
    }

    private func carryOut(_ question: GatewayQuestion) throws -> GatewayOutcome {
        let charge = question.charge
        switch question {
        case .charge:
            if let known = ledger[charge.paymentID] { return known.isDeclined ? .declined : .approved }
            if let first = payments.updateValue(charge.paymentID, forKey: charge.orderID) {
                throw Violation("order \(charge.orderID) was charged as \(first), and again as \(charge.paymentID)")
            }
            let isDeclined = World.declinedUsers.contains(charge.userID)
            ledger[charge.paymentID] = Entry(order: charge.orderID, isDeclined: isDeclined)
            world.note(nil, "charged", UInt64(truncatingIfNeeded: charge.paymentID.bits), "\(charge.orderID)")
            return isDeclined ? .declined : .approved
        case .refund:
            guard let known = ledger[charge.paymentID], !known.isDeclined else {
                throw Violation("a refund was asked for of order \(charge.orderID), which was not charged")
            }
            ledger[charge.paymentID]?.isRefunded = true
            return .refunded
        }
    }

    /// What it holds is what payment holds.
    func checkRest(_ snapshot: Snapshot) throws {
        for (id, entry) in ledger {
            let payment = try snapshot.payment(entry.order)
            let expected: PaymentStatus = entry.isDeclined ? .failed : entry.isRefunded ? .refunded : .approved
            if let order = world.history.purged[entry.order] {
                guard (expected == .approved) == (order.status == .approved) else {
                    throw Violation("the gateway holds \(expected) for order \(entry.order), which was purged as \(order.status)")
                }
                continue
            }
            guard payment?.answer?.claim.paymentID == id, payment?.status == expected else {
                let status = payment.map { "\($0.status)" } ?? "unknown"
                throw Violation("the gateway holds \(expected) for order \(entry.order), and its payment is \(status)")
            }
        }
    }
}
