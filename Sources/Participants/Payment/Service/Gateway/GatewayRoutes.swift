import struct AdminAPI.AdminRoute
import struct AdminAPI.GatewayDifference
import struct AdminAPI.GatewayDifferencePage
import struct AdminAPI.RepairResult
import Hummingbird
import HTTPServer
import Saga
import SagaDaemon
import SagaStore
import Store
import Wire

/// What an operator asks the gateway for: whether it holds what is known here, and to settle one payment now.
struct GatewayRoutes: Sendable {
    let context: ServiceContext
    /// nil while the gateway is simulated.
    let desk: GatewayDesk?

    private static let pageSize = 100
    private static let atOnce = 16

    func add(to router: ServiceRouter) {
        router.on(.gatewayDifferences, query: ["cursor"]) { request, _ in
            guard let desk else { return try Response.encoding(GatewayDifferencePage(differences: [])) }
            let page = try await context.database.read { snapshot in
                let cursor = try request.pageCursor { try snapshot.payment($0) != nil }
                return try snapshot.payments(before: cursor, limit: Self.pageSize + 1)
            }
            let payments = page.prefix(Self.pageSize).map(\.state)
            let differences = try await differences(payments, desk)
            return try Response.encoding(
                GatewayDifferencePage(
                    differences: differences, nextCursor: page.count > Self.pageSize ? payments.last?.orderID.description : nil))
        }
        router.on(.settleWithGateway) { _, requestContext in
            let text = requestContext.parameters.get("orderId") ?? ""
            guard let order = OrderID(text), let payment = try await context.database.read({ try $0.payment(order) }) else {
                throw ProblemError(.notFound, "nothing is known of an order \(text.prefix(64))")
            }
            guard let desk, let charge = payment.answer?.claim, charge.isExternal else {
                throw ProblemError(.conflict, "no gateway outside is asked about this payment")
            }
            try await settle(payment, charge, desk)
            return try Response.encoding(RepairResult(changed: true))
        }
    }

    private func differences(_ payments: [Payment], _ desk: GatewayDesk) async throws -> [GatewayDifference] {
        let charged = payments.filter { $0.answer?.claim.isExternal == true && !$0.status.isUnsettled }
        return try await withThrowingTaskGroup(of: (Int, GatewayDifference?).self) { group in
            var found: [(Int, GatewayDifference)] = []
            func take(_ answer: (Int, GatewayDifference?)?) {
                if case (let index, let difference?)? = answer { found.append((index, difference)) }
            }
            for (index, payment) in charged.enumerated() {
                if index >= Self.atOnce { take(try await group.next()) }
                group.addTask { (index, try await difference(payment, desk)) }
            }
            for try await answer in group { take(answer) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func difference(_ payment: Payment, _ desk: GatewayDesk) async throws -> GatewayDifference? {
        guard let charge = payment.answer?.claim else { return nil }
        let record = await desk.lookUp(charge.paymentID)
        let gateway: GatewayDifference.Answer
        switch record {
        case .notOffered: return nil
        case .unanswered(let why): throw ProblemError(.serviceUnavailable, "the payment gateway could not be asked: \(why)")
        case .known(.approved): gateway = .approved
        case .known(.declined): gateway = .declined
        case .known(.refunded): gateway = .refunded
        case .absent: gateway = .unknown
        }
        guard !record.agrees(with: payment.status) else { return nil }
        // It may have been settled otherwise while it was asked about.
        guard try await context.database.read({ try $0.payment(payment.orderID) })?.status == payment.status else { return nil }
        return GatewayDifference(
            orderId: "\(payment.orderID)", paymentId: "\(charge.paymentID)", amount: charge.amount, status: payment.status.shown,
            gateway: gateway)
    }

    /// What is not settled is asked about now, whatever the backoff. What is settled otherwise at the gateway is asked for once more there,
    /// under the key it always had.
    private func settle(_ payment: Payment, _ charge: Charge, _ desk: GatewayDesk) async throws {
        let (question, wanted): (GatewayQuestion, GatewayOutcome)
        switch payment.status {
        case .pending, .unwanted, .refunding: return desk.hurry(payment.orderID)
        case .approved: (question, wanted) = (.charge(charge), .approved)
        case .failed, .refunded: (question, wanted) = (.refund(charge), .refunded)
        case .void: return
        }
        switch await desk.ask(question) {
        case .known(wanted): break
        case .known(let outcome):
            throw ProblemError(
                .conflict, "the gateway says \(outcome) where payment has \(payment.status.shown): it is to be mended there by hand")
        case .unknown(let why, _), .refused(let why):
            throw ProblemError(.serviceUnavailable, "the payment gateway could not be asked: \(why)")
        }
        let record = await desk.lookUp(charge.paymentID)
        guard record.agrees(with: payment.status) else {
            throw ProblemError(
                .conflict, "the gateway still does not hold what payment has, \(payment.status.shown): it is to be mended there by hand")
        }
    }
}
