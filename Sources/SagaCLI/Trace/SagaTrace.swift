import Console
import InventoryView
import OrderView
import PaymentView
import struct Saga.ServiceName
import AdminAPI

/// One order's saga, merged from what the daemons remember of it. Its JSON is what `sagactl trace --json` prints.
struct SagaTrace: Equatable {
    let orderId: String
    let status: String?
    let waitingFor: [String]
    let unreachable: [ServiceName]
    /// Who keeps the order's events, behind which dead letter.
    let holds: [Hold]
    /// In an order in which each step comes after what caused it.
    let steps: [TraceStep]

    struct Hold: Equatable {
        let service: ServiceName
        let deadLetter: String
    }

    init(orderId: String, traces: [DaemonTrace], unreachable: [ServiceName]) {
        self.orderId = orderId
        self.unreachable = unreachable
        steps = TraceMerge.merge(traces)
        holds = traces.sorted { $0.service < $1.service }.compactMap { trace in
            trace.heldBy.map { Hold(service: trace.service, deadLetter: $0) }
        }
        let order = traces.first { $0.service == .order }
        status = order?.status
        var waitingFor = order?.waitingFor ?? []
        // The order service is done when the order is APPROVED; that the stock is sold only inventory knows.
        if status == "APPROVED", let inventory = traces.first(where: { $0.service == .inventory }), !inventory.hasCommitted,
            !waitingFor.contains(ServiceName.inventory.rawValue)
        {
            waitingFor.append(ServiceName.inventory.rawValue)
        }
        // What the order service holds up it has not heard yet: who has answered is not waited for, but it itself is.
        if order?.heldBy != nil {
            let answered = traces.filter { $0.hasAnswered(order?.status) }.map(\.service.rawValue)
            if waitingFor.contains(where: answered.contains) {
                waitingFor = [ServiceName.order.rawValue] + waitingFor.filter { !answered.contains($0) }
            }
        }
        self.waitingFor = waitingFor
    }
}

extension DaemonTrace {
    fileprivate var hasCommitted: Bool {
        status == "COMMITTED" || steps.contains { $0.kind == .transition && $0.to == "COMMITTED" }
    }

    /// Whether this participant has said all that an order of this status still needs to hear.
    fileprivate func hasAnswered(_ orderStatus: String?) -> Bool {
        guard let status else { return false }
        return orderStatus != "CANCELED" || status != "RESERVED" && status != "APPROVED"
    }
}

extension SagaTrace: Encodable {
    private enum CodingKeys: CodingKey { case orderId, status, waitingFor, unreachable, steps }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(orderId, forKey: .orderId)
        try container.encodeIfPresent(status, forKey: .status)
        try container.encode(waitingFor, forKey: .waitingFor)
        try container.encode(unreachable, forKey: .unreachable)
        try container.encode(steps.map(Step.init), forKey: .steps)
    }

    /// A step with exactly the members people were promised: the daemons' wire has more.
    private struct Step: Encodable {
        let time: String
        let service: ServiceName
        let kind: TraceStep.Kind
        let eventType: String?
        let eventId: String?
        let causationId: String?
        let from: String?
        let to: String?
        let outcome: TraceStep.Outcome?
        let durationMs: Double?

        init(_ step: TraceStep) {
            time = step.time
            service = step.service
            kind = step.kind
            eventType = step.eventType
            eventId = step.eventId
            causationId = step.causationId
            from = step.from
            to = step.to
            outcome = step.outcome
            durationMs = step.durationMs
        }
    }
}
