import struct Saga.ServiceName
import AdminAPI

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

/// Sagas as the daemons would tell them, at fixed times.
enum SagaFixture {
    static let orderId = "019c1362-2400-7000-8000-000000000001"
    /// 2026-01-31T12:00:00Z
    static let start: Int64 = 1_769_860_800_000_000

    static func received(
        _ service: ServiceName, _ at: Int64, _ type: String, _ id: String, _ outcome: TraceStep.Outcome = .applied, reason: String? = nil
    ) -> TraceStep {
        TraceStep(
            timeMicros: start + at, service: service, kind: .received, eventType: type, eventId: id, outcome: outcome, reason: reason)
    }

    static func emitted(_ service: ServiceName, _ at: Int64, _ type: String, _ id: String, by cause: String? = nil, reason: String? = nil)
        -> TraceStep
    {
        TraceStep(
            timeMicros: start + at, service: service, kind: .emitted, eventType: type, eventId: id, causationId: cause, reason: reason)
    }

    static func became(_ service: ServiceName, _ at: Int64, _ from: String?, _ to: String, by cause: String? = nil, reason: String? = nil)
        -> TraceStep
    {
        TraceStep(timeMicros: start + at, service: service, kind: .transition, causationId: cause, from: from, to: to, reason: reason)
    }

    static func trace(
        _ service: ServiceName, _ status: String?, waitingFor: [String]? = nil, heldBy: String? = nil, _ steps: [TraceStep]
    ) -> DaemonTrace {
        DaemonTrace(service: service, orderId: orderId, status: status, waitingFor: waitingFor, heldBy: heldBy, steps: steps)
    }

    static let orderApproved = trace(
        .order, "APPROVED",
        [
            became(.order, 0, nil, "PENDING"),
            emitted(.order, 20, "ORDER_CREATED", "e1"),
            received(.order, 4_900, "INVENTORY_RESERVED", "e2"),
            received(.order, 12_400, "PAYMENT_APPROVED", "e3"),
            became(.order, 12_450, "PENDING", "APPROVED", by: "e3"),
            emitted(.order, 12_460, "ORDER_APPROVED", "e4", by: "e3"),
            received(.order, 61_000, "PAYMENT_APPROVED", "e3", .duplicate),
        ])

    static let inventoryCommitted = trace(
        .inventory, "COMMITTED",
        [
            received(.inventory, 2_120, "ORDER_CREATED", "e1"),
            became(.inventory, 2_300, nil, "RESERVED", by: "e1"),
            emitted(.inventory, 2_310, "INVENTORY_RESERVED", "e2", by: "e1"),
            received(.inventory, 15_000, "ORDER_APPROVED", "e4"),
            became(.inventory, 15_100, "RESERVED", "COMMITTED", by: "e4"),
        ])

    static let paymentApproved = trace(
        .payment, "APPROVED",
        [
            received(.payment, 2_500, "ORDER_CREATED", "e1"),
            became(.payment, 9_800, nil, "APPROVED", by: "e1"),
            emitted(.payment, 9_810, "PAYMENT_APPROVED", "e3", by: "e1"),
        ])

    static let approved = SagaTrace(
        orderId: orderId, traces: [orderApproved, inventoryCommitted, paymentApproved], unreachable: [])

    /// Payment declined; inventory has not yet given the stock back.
    static let compensating = SagaTrace(
        orderId: orderId,
        traces: [
            trace(
                .order, "CANCELED", waitingFor: ["inventory"],
                [
                    became(.order, 0, nil, "PENDING"),
                    emitted(.order, 20, "ORDER_CREATED", "e1"),
                    received(.order, 4_900, "INVENTORY_RESERVED", "e2"),
                    received(.order, 12_400, "PAYMENT_FAILED", "e3"),
                    became(.order, 12_450, "PENDING", "CANCELED", by: "e3", reason: "PAYMENT_FAILED"),
                    emitted(.order, 12_460, "ORDER_CANCELED", "e4", by: "e3", reason: "PAYMENT_FAILED"),
                ]),
            trace(
                .inventory, "RESERVED",
                [
                    received(.inventory, 2_120, "ORDER_CREATED", "e1"),
                    became(.inventory, 2_300, nil, "RESERVED", by: "e1"),
                    emitted(.inventory, 2_310, "INVENTORY_RESERVED", "e2", by: "e1"),
                    received(.inventory, 15_000, "ORDER_CANCELED", "e4", .deadLettered, reason: "the payload lacks reason"),
                ]),
        ],
        unreachable: [.payment])
}
