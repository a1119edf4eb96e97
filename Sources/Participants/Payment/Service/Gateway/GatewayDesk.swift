import Logging
package import Saga
import SagaConfiguration
package import SagaDaemon
import SagaStore
import Store
import ServiceLifecycle
import Synchronization
import Systemd
import Telemetry
import Transport
import Wire

/// Asks the gateway about every payment whose outcome is not known, for as long as it takes.
///
/// What is to be asked is read from the database each time, and no transaction is open while it is asked. A crash loses nothing but an
/// answer, which is asked for again under the same key.
package final class GatewayDesk: Sendable {
    private struct State {
        var queue = GatewayQueue<SteadyClock.Instant>()
        /// While the service runs.
        var gateway: HTTPGateway?
        /// Of what the gateway does not take, why not.
        var refusals: [OrderID: String] = [:]
    }

    private let state = Mutex(State())
    private let changed = WakeUp()
    private let context: ServiceContext
    private var clock: SteadyClock { context.steadyClock }
    private let durations: HistogramFamily

    package init(context: ServiceContext) {
        self.context = context
        durations = context.metrics.histogram(
            "saga_gateway_request_duration_seconds", "From a question to the gateway until its answer, by what that was.")
    }

    /// Takes over what an earlier run left unsettled.
    package func restore() throws {
        let orders = try context.database.read { try $0.unsettledPayments() }
        state.withLock { state in for order in orders { state.queue.add(order) } }
    }

    /// There is something to be asked about this order, and that is durable.
    package func unsettled(_ order: OrderID) {
        state.withLock { $0.queue.add(order) }
        changed.call()
    }

    /// An operator does not want to wait for its turn to come again.
    func hurry(_ order: OrderID) {
        state.withLock { $0.queue.hurry(order) }
        changed.call()
    }

    func ask(_ question: GatewayQuestion) async -> GatewayAnswer {
        guard let gateway = state.withLock({ $0.gateway }) else { return .unknown("the service is not running") }
        return await gateway.ask(question)
    }

    func lookUp(_ payment: PaymentID) async -> GatewayRecord {
        guard let gateway = state.withLock({ $0.gateway }) else { return .unanswered("the service is not running") }
        return await gateway.lookUp(payment)
    }

    package var isCircuitOpen: Bool { state.withLock { $0.queue.isOpen } }

    /// What keeps it from its work, in words.
    package var conditions: [String] {
        state.withLock { state in
            let open =
                state.queue.isOpen
                ? "the payment gateway does not answer; \(state.queue.count) payments wait, and it is tried once a second" : nil
            let refused = state.refusals.min { $0.key < $1.key }.map { order, why in
                "the payment gateway refuses \(state.refusals.count) of what it is asked, as for order \(order): \(why)"
            }
            return [open, refused].compactMap(\.self)
        }
    }

    /// Runs the desk, over the reactions that make an answer durable.
    struct Runner: Service {
        let desk: GatewayDesk
        let reactions: PaymentReactions

        func run() async throws {
            let gateway = HTTPGateway(desk.context.configuration.payment.gateway)
            desk.state.withLock { $0.gateway = gateway }
            await cancelWhenGracefulShutdown {
                await withDiscardingTaskGroup { group in
                    while !Task.isCancelled {
                        switch desk.state.withLock({ $0.queue.next(at: desk.clock.now) }) {
                        case .ask(let order): group.addTask { await desk.settle(order, through: gateway, reactions) }
                        case .wait(let until): await desk.sleep(until: until)
                        }
                    }
                    group.cancelAll()
                }
            }
            desk.state.withLock { $0.gateway = nil }
            await gateway.close()
        }
    }

    private func sleep(until: SteadyClock.Instant?) async {
        guard let until else { return await changed.wait() }
        let alarm = Task {
            try? await clock.sleep(until: until, tolerance: nil)
            if !Task.isCancelled { changed.call() }
        }
        await changed.wait()
        alarm.cancel()
    }

    private func settle(_ order: OrderID, through gateway: HTTPGateway, _ reactions: PaymentReactions) async {
        defer { changed.call() }
        let (question, causes): (GatewayQuestion?, SettlementCauses?)
        do {
            (question, causes) = try await context.database.read { (try $0.payment(order)?.question, try $0.settlementCauses(of: order)) }
        } catch {
            return state.withLock { $0.queue.postpone(order, by: .seconds(1), at: clock.now) }
        }
        guard let question else { return state.withLock { $0.queue.settled(order) } }

        let (asked, start) = (ContinuousClock.now, context.clock())
        let answer = await gateway.ask(question)
        if let causes { trace(question, answer, causes, from: start) }
        // Whoever is stopped asks again after the next start.
        if Task.isCancelled { return }
        durations[["outcome": answer.label]].observe(asked.duration(to: .now))
        switch answer {
        case .known(let outcome):
            let isKept = await keep(outcome, of: order, reactions)
            state.withLock {
                $0.refusals[order] = nil
                $0.queue.known(order, isKept: isKept, at: clock.now)
            }
        case .unknown(let why, let retryAfter):
            context.log.record(.warning, "the gateway's answer is not known and is asked for again: \(why)", fields: fields(order))
            state.withLock {
                $0.refusals[order] = nil
                $0.queue.failed(order, .unknown(retryAfter: retryAfter), jitter: .random(in: 0...1), at: clock.now)
            }
        case .refused(let why):
            context.log.record(
                .error,
                "the gateway refuses what it is asked, which is asked again every 30 s: \(why); see payment.gateway in sagad.yaml(5)",
                fields: fields(order))
            state.withLock {
                $0.refusals[order] = why
                $0.queue.failed(order, .refused, jitter: 0, at: clock.now)
            }
        }
    }

    /// - Returns: false where it could not be written; then it is asked again, under the same key.
    private func keep(_ outcome: GatewayOutcome, of order: OrderID, _ reactions: PaymentReactions) async -> Bool {
        do {
            let handled = try await context.database.writer.write(isBounded: true) { try reactions.settle(order, outcome, in: $0) }
            if let (handled, trace) = handled { context.decided("the gateway has answered", order: order, trace, handled) }
            return true
        } catch {
            context.log.record(.error, "the gateway's answer could not be stored, and is asked for again: \(error)", fields: fields(order))
            return false
        }
    }

    private func trace(_ question: GatewayQuestion, _ answer: GatewayAnswer, _ causes: SettlementCauses, from start: Timestamp) {
        let (route, cause) =
            switch question {
            case .charge: ("/charges", causes.charge)
            case .refund: ("/charges/{paymentId}/refund", causes.refund)
            }
        context.tracer?.asked(
            route, for: question.charge.orderID, causes.trace, cause: cause, problem: answer.problem, from: start, to: context.clock())
    }

    private func fields(_ order: OrderID) -> LogFields { ["order_id": order.description] }
}

extension GatewayAnswer {
    fileprivate var problem: String? {
        switch self {
        case .known: nil
        case .unknown(let why, _), .refused(let why): why
        }
    }

    fileprivate var label: String {
        switch self {
        case .known(.approved): "approved"
        case .known(.declined): "declined"
        case .known(.refunded): "refunded"
        case .unknown: "unknown"
        case .refused: "refused"
        }
    }
}
