package import Saga
package import SagaStore
import SagaConfiguration
import Systemd
package import Telemetry
import Transport
package import Wire

/// What a daemon does for an order, as spans of the order's trace.
///
/// A span that others go on from is called by what they know: a published event by the id in its `traceparent`, the request that placed an
/// order by the order's id. So nothing is kept for it, and it is the same after a restart.
package struct SagaTracer: Sendable {
    private let service: ServiceName
    private let spans: SpanQueue
    private let ready: WakeUp
    private let messaging: Messaging

    /// What the spans of events say of how those travel.
    private struct Messaging: Sendable {
        let system: String
        let topics: [ServiceName: String]
    }

    init(service: ServiceName, configuration: Configuration, spans: SpanQueue, ready: WakeUp) {
        self.service = service
        self.spans = spans
        self.ready = ready
        messaging = Messaging(
            system: configuration.transport == .kafka ? "kafka" : "sagad",
            topics: Dictionary(uniqueKeysWithValues: ServiceName.allCases.map { ($0, configuration.kafka.topics[$0]) }))
    }

    /// Events of others, handled together.
    package func handled(_ events: [HandledEvent], from start: Timestamp, to end: Timestamp) {
        var all: [Span] = []
        for event in events {
            switch event {
            case .applied(let envelope, let transition, let emissions):
                guard envelope.trace.isSampled else { continue }
                let received = consumer(envelope, from: start, to: end)
                all.append(received)
                all += outcome(transition, emissions, of: envelope.event.orderID, below: received)
            case .deadLettered(let envelope?, let cause):
                guard envelope.trace.isSampled else { continue }
                var received = consumer(envelope, from: start, to: end)
                received.error = cause.reason
                all.append(received)
            case .duplicate, .ignored, .deadLettered(nil, _): continue
            }
        }
        add(all)
    }

    /// A request that placed an order: where its saga begins.
    ///
    /// - Parameter client: the client's span; nil where it has none.
    package func placed(
        _ order: OrderID, _ trace: TraceContext, _ handled: Handled, by client: UInt64?, from start: Timestamp, to end: Timestamp
    ) {
        guard trace.isSampled else { return }
        let request = Span(
            traceID: trace.traceID, id: TraceContext.span(of: order), parent: client, kind: .server, name: "POST /orders", start: start,
            end: end,
            attributes: [
                ("http.request.method", .string("POST")), ("http.route", .string("/orders")), ("url.path", .string("/orders")),
                ("http.response.status_code", .integer(201)), ("saga.order.id", .string("\(order)")),
            ])
        add([request] + outcome(nil, handled.emissions, of: order, below: request))
    }

    /// A question over HTTP to somebody outside the suite, for an order.
    ///
    /// - Parameters:
    ///   - cause: the event for which it is asked.
    ///   - problem: why there is no answer that counts; nil: there is one.
    package func asked(
        _ route: String, for order: OrderID, _ trace: TraceContext, cause: EventID?, problem: String?, from start: Timestamp,
        to end: Timestamp
    ) {
        guard trace.isSampled else { return }
        add([
            Span(
                traceID: trace.traceID, parent: cause.map(TraceContext.span) ?? TraceContext.span(of: order), kind: .client,
                name: "POST \(route)", start: start, end: end,
                attributes: [
                    ("http.request.method", .string("POST")), ("url.template", .string(route)), ("saga.order.id", .string("\(order)")),
                ], error: problem)
        ])
    }

    /// What a client, a deadline or a provider, no event, made this service decide.
    func decided(_ order: OrderID, _ trace: TraceContext, _ handled: Handled, at time: Timestamp) {
        guard trace.isSampled, handled.outcome == .applied else { return }
        let root = Span(
            traceID: trace.traceID, id: TraceContext.span(of: order), parent: nil, kind: .internal, name: "", start: time, end: time)
        add(outcome(handled.transition, handled.emissions, of: order, below: root))
    }

    package func add(_ new: [Span]) {
        if !new.isEmpty, spans.add(new) { ready.call() }
    }

    // MARK: Spans

    private func consumer(_ envelope: EventEnvelope, from start: Timestamp, to end: Timestamp) -> Span {
        let topic = messaging.topics[envelope.event.type.topic.owner] ?? ""
        return Span(
            traceID: envelope.trace.traceID, parent: envelope.parent, kind: .consumer, name: "process \(topic)", start: start, end: end,
            attributes: attributes("process", topic, id: envelope.id, envelope.event))
    }

    private func outcome(_ transition: Transition?, _ emissions: [Emission], of order: OrderID, below parent: Span) -> [Span] {
        var cause = parent
        var all: [Span] = []
        if let transition {
            var attributes: [(name: StaticString, value: Span.Value)] = [
                ("saga.order.id", .string("\(order)")), ("saga.transition.to", .string(transition.to)),
            ]
            if let from = transition.from { attributes.append(("saga.transition.from", .string(from))) }
            cause = Span(
                traceID: parent.traceID, parent: parent.id, kind: .internal, name: "\(service) \(transition)", start: parent.start,
                end: parent.end, attributes: attributes)
            all.append(cause)
        }
        let topic = messaging.topics[service] ?? ""
        for emission in emissions {
            all.append(
                Span(
                    traceID: parent.traceID, id: TraceContext.span(of: emission.id), parent: cause.id, kind: .producer,
                    name: "send \(topic)", start: parent.start, end: parent.end,
                    attributes: attributes("send", topic, id: emission.id, emission.event)))
        }
        return all
    }

    private func attributes(
        _ operation: String, _ topic: String, id: EventID, _ event: SagaEvent
    ) -> [(name: StaticString, value: Span.Value)] {
        [
            ("messaging.system", .string(messaging.system)), ("messaging.operation.name", .string(operation)),
            ("messaging.operation.type", .string(operation)), ("messaging.destination.name", .string(topic)),
            ("messaging.message.id", .string("\(id)")), ("cloudevents.event_id", .string("\(id)")),
            ("cloudevents.event_type", .string(event.type.rawValue)), ("cloudevents.event_subject", .string("\(event.orderID)")),
            ("saga.order.id", .string("\(event.orderID)")),
        ]
    }
}

extension SagaTracer {
    /// - Returns: nothing where nothing is exported, which then costs nothing.
    static func make(
        service: ServiceName, configuration: Configuration, metrics: Metrics, log: Log
    ) -> (SagaTracer?, SpanExporter?) {
        let dropped = metrics.counter("saga_spans_dropped_total", "Spans of traces that never reached the collector.")
        let endpoint = configuration.tracing.otlpEndpoint
        guard !endpoint.isEmpty else { return (nil, nil) }
        let (spans, ready) = (SpanQueue(dropped: dropped), WakeUp())
        return (
            SagaTracer(service: service, configuration: configuration, spans: spans, ready: ready),
            SpanExporter(endpoint: endpoint, spans: spans, ready: ready, service: service, log: log)
        )
    }
}
