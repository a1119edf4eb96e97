import AdminAPI
import Console
import OrderView
import PaymentView

/// What only others can tell of the money: the gateway, of each charge, and the order service, of charges it has heard of more than once.
extension Reconciliation {
    func compareCharges(_ report: inout ReconciliationReport) async throws(AdminError) {
        var known = Set(report.problems.compactMap(\.orderId))
        func add(_ orderId: String, _ finding: Finding, _ repair: String? = nil) {
            // Each order once: what is off already is to be mended first.
            if known.insert(orderId).inserted { report.problems.append(.order(orderId, [finding], repair: repair)) }
        }
        // The simulated gateway charges nobody: after a restore of payment it answers once more, and nothing is lost by that.
        let isReal = try await suite.payment.configuration().payment?.gateway.kind == "http"
        for order in try await offered({ () throws(AdminError) in isReal ? try await suite.order.repeatedCharges() : [] }) ?? [] {
            let refunds = order.refunds == 0 ? "" : " and given back \(order.refunds) times"
            add(
                order.orderId, Finding(.chargedTwice, "it was charged \(order.charges) times\(refunds), each time under another id"),
                "sagactl trace \(order.orderId)")
        }
        do throws(AdminError) {
            var cursor: String?
            repeat {
                guard let page = try await offered({ () throws(AdminError) in try await suite.payment.gatewayDifferences(cursor: cursor) })
                else { return }
                for difference in page.differences {
                    let gateway =
                        difference.gateway == .unknown ? "knows nothing of \(difference.paymentId)" : "says \(difference.gateway.rawValue)"
                    add(
                        difference.orderId,
                        Finding(
                            .gatewayMismatch,
                            "its payment of \(difference.amount) is \(difference.status), but the gateway \(gateway)"))
                }
                cursor = page.nextCursor
            } while cursor != nil
        } catch {
            guard error.problemStatus == 503 else { throw error }
            report.notCompared = error.message
        }
    }

    /// nil where the daemon is of a version that cannot be asked.
    private func offered<Value>(_ question: () async throws(AdminError) -> Value) async throws(AdminError) -> Value? {
        try await known(question)
    }
}
