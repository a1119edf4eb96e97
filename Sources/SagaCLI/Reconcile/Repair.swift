import struct Saga.ServiceName
import AdminAPI
import Console
import InventoryView
import OrderView
import PaymentView
import Saga

/// Mends what a reconciliation has found, through the daemons' own transactions and events. Safe to do twice: whatever is right by then is
/// left alone.
struct Repair: Sendable {
    let suite: Suite
    /// How long what was published may take to have its effect.
    var patience: Duration = .seconds(10)

    /// - Returns: whether nothing is off any more.
    func mend(_ problem: ReconciliationReport.Problem) async throws -> Bool {
        if let product = problem.productId {
            _ = try await suite.inventory.recountStock(product)
            return true
        }
        guard let orderId = problem.orderId else { return false }
        do throws(AdminError) {
            switch problem.kind {
            case .chargedTwice:
                Output.error(
                    "order \(orderId): one of the charges is to be given back at the provider by hand; \(problem.repair) shows both")
                return false
            case .gatewayMismatch:
                _ = try await suite.payment.settleWithGateway(orderId)
                return true
            case .unsettled: _ = try await suite.payment.settleWithGateway(orderId)
            case .stockMismatch, .reservationMissing, .paymentMissing, .unknownOrder, .notCompensated, .undecided: try await mend(orderId)
            }
        } catch {
            // It says what is to be done by hand.
            guard error.isProblem else { throw error }
            Output.error("order \(orderId): \(error.message)")
            return false
        }
        return try await isAtRest(orderId)
    }

    private func mend(_ orderId: String) async throws(AdminError) {
        let books = try await Reconciliation(suite: suite).books(of: orderId)
        // It is over, and one of them has it back from a backup.
        if try await !Reconciliation(suite: suite).purgedBy(orderId).isEmpty {
            if try await suite.order.purgeOrders(.purge([orderId])).purged > 0 { return }
        }
        switch books.order?.status {
        case .pending:
            for service in ServiceName.allCases { try await republish(orderId, suite[service]) }
        case .approved:
            guard let order = books.order else { return }
            _ = try await suite.inventory.repair(
                orderId, RepairRequest(.approved, productId: order.productId, quantity: order.quantity))
            let user = order.userId ?? SagaEvent.forgottenUser
            _ = try await suite.payment.repair(orderId, RepairRequest(.approved, userId: user, amount: order.amount))
        case .canceled: try await compensate(orderId)
        case nil:
            guard let terms = books.terms else { return try await compensate(orderId) }
            _ = try await suite.order.adopt(orderId, terms)
        }
    }

    private func compensate(_ orderId: String) async throws(AdminError) {
        _ = try await suite.inventory.repair(orderId, RepairRequest(.canceled))
        _ = try await suite.payment.repair(orderId, RepairRequest(.canceled))
    }

    private func republish(_ orderId: String, _ client: AdminClient) async throws(AdminError) {
        do throws(AdminError) {
            _ = try await client.republish(.order(orderId))
        } catch {
            // One that has nothing of the order has nothing to publish.
            guard error.problemStatus == 404 else { throw error }
        }
    }

    private func isAtRest(_ orderId: String) async throws(AdminError) -> Bool {
        let end = ContinuousClock.now + patience
        while true {
            if try await Reconciliation(suite: suite).examine(orderId, nil).problems.isEmpty { return true }
            guard .now < end else { return false }
            // Nothing else tells when a saga has come to rest.
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// What the three daemons have of one order.
struct OrderBooks: Sendable {
    let order: Order?
    let payment: Payment?
    let reservation: Reservation?

    /// Who has something of it.
    var holders: [ServiceName] {
        let held: [(ServiceName, Bool)] = [(.order, order != nil), (.inventory, reservation != nil), (.payment, payment != nil)]
        return held.filter(\.1).map(\.0)
    }

    /// Of an order that was approved, as the others hold it.
    var terms: OrderRequest? {
        guard payment?.status == .approved, reservation?.status == .committed, let amount = payment?.amount,
            let product = reservation?.productId, let quantity = reservation?.quantity
        else { return nil }
        return OrderRequest(userId: payment?.userId ?? SagaEvent.forgottenUser, productId: product, quantity: quantity, amount: amount)
    }
}
