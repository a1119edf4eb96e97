import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// Traces as an independent program decodes them.
@Suite(.showingLogs) struct TraceExportTests {
    private typealias Span = TraceCollector.Span

    private static let clientTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let clientSpan = "00f067aa0ba902b7"

    private static func start(_ suite: DaemonSuite, _ collector: TraceCollector, more: [String: String] = [:]) async throws {
        for service in ServiceName.allCases {
            try await suite.start(service, environment: collector.environment.merging(more) { $1 })
        }
    }

    private static func dropped(_ suite: DaemonSuite) async throws -> Int {
        let text = try await suite.admin(.order).get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix("saga_spans_dropped_total ") }.flatMap { Int($0.dropFirst(25)) } ?? -1
    }

    /// `service kind name(event)` of a span and of all it comes of.
    private static func descent(of span: Span, in spans: [Span]) -> [String] {
        let own = "\(span.service) \(span.kind) \(span.name)\(span.event.isEmpty ? "" : " \(span.event)")"
        guard let parent = spans.first(where: { $0.id == span.parent }) else { return [own] }
        return descent(of: parent, in: spans) + [own]
    }

    @Test(.timeLimit(.minutes(20)))
    func `an order is one trace, from the request that placed it: each event published and applied, each decision, below its cause`()
        async throws
    {
        try await DaemonSuite.run { suite in
            let collector = try TraceCollector(in: suite.directory)
            try await collector.ready()
            try await TraceExportTests.start(suite, collector)
            let orders = try RESTClient(.order)
            let approved = try await orders.place()
            // 1 request, 4 published, 5 applied, 4 decisions
            let spans = try await collector.spans(of: approved.replacing("-", with: ""), atLeast: 14)
            #expect(spans.count == 14)
            #expect(Set(spans.map(\.service)) == ["sagad-order", "sagad-inventory", "sagad-payment"])
            #expect(Set(spans.map(\.id)).count == spans.count)
            let roots = spans.filter(\.parent.isEmpty)
            #expect(roots.map { "\($0.service) \($0.kind) \($0.name)" } == ["sagad-order SERVER POST /orders"])
            #expect(roots.first?.attribute("http.request.method") == "POST")
            #expect(roots.first?.attribute("http.route") == "/orders")
            #expect(roots.first?.json["attributes"]?["http.response.status_code"]?.integer == 201)

            let sold = try #require(spans.first { $0.kind == "CONSUMER" && $0.event == "ORDER_APPROVED" })
            let descent = TraceExportTests.descent(of: sold, in: spans)
            // Stock or money, whichever came last, decides.
            let last = try #require(descent.firstIndex { $0.hasPrefix("sagad-order INTERNAL") })
            let participant = descent[last - 1].hasSuffix("PAYMENT_APPROVED") ? "payment" : "inventory"
            let (status, event) = participant == "payment" ? ("APPROVED", "PAYMENT_APPROVED") : ("RESERVED", "INVENTORY_RESERVED")
            #expect(
                descent == [
                    "sagad-order SERVER POST /orders", "sagad-order PRODUCER send order-events ORDER_CREATED",
                    "sagad-\(participant) CONSUMER process order-events ORDER_CREATED",
                    "sagad-\(participant) INTERNAL \(participant) →\(status)",
                    "sagad-\(participant) PRODUCER send \(participant)-events \(event)",
                    "sagad-order CONSUMER process \(participant)-events \(event)", "sagad-order INTERNAL order PENDING→APPROVED",
                    "sagad-order PRODUCER send order-events ORDER_APPROVED", "sagad-inventory CONSUMER process order-events ORDER_APPROVED",
                ])
            for span in spans where span.kind == "PRODUCER" || span.kind == "CONSUMER" {
                #expect(span.attribute("messaging.operation.type") == (span.kind == "PRODUCER" ? "send" : "process"))
                #expect(span.attribute("messaging.system") == "sagad")
                #expect(span.attribute("cloudevents.event_subject") == approved)
                #expect(span.attribute("messaging.message.id") != nil)
            }
            #expect(try await TraceExportTests.dropped(suite) == 0)
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `over Kafka a record's traceparent is the span that published it; a client's span is the parent of all, its flag is followed`()
        async throws
    {
        try await KafkaSuite.run { suite in
            let collector = try TraceCollector(in: suite.daemons.directory)
            try await collector.ready()
            try await TraceExportTests.start(suite.daemons, collector)
            let orders = try RESTClient(.order)
            func place(flags: String, trace: String) async throws -> String {
                let header = ("traceparent", "00-\(trace)-\(TraceExportTests.clientSpan)-\(flags)")
                let answer = try await orders.post("/orders", json: RESTClient.body(user: 2), headers: [header])
                return try #require(try answer.json["orderId"]?.string)
            }
            let silentTrace = String(TraceExportTests.clientTrace.reversed())
            let silent = try await place(flags: "00", trace: silentTrace)
            // Which of them comes depends on whether the order or its end reaches inventory first.
            let last: Set = ["INVENTORY_RELEASED", "INVENTORY_FAILED"]
            let quiet = try await suite.tap.events(of: silent) { events in
                events.contains { $0.type == "ORDER_CANCELED" } && events.contains { last.contains($0.type ?? "") }
            }
            #expect(
                quiet.allSatisfy {
                    $0["traceparent"]?.hasPrefix("00-\(silentTrace)-") == true && $0["traceparent"]?.hasSuffix("-00") == true
                })

            let order = try await place(flags: "01", trace: TraceExportTests.clientTrace)
            let events = try await suite.tap.events(of: order) { events in
                events.contains { $0.type == "ORDER_CANCELED" } && events.contains { last.contains($0.type ?? "") }
            }
            let published = Set(events.map { ($0["traceparent"] ?? "").split(separator: "-").dropFirst(2).first.map(String.init) ?? "" })
            let spans = try await eventually("a span for each event", within: .seconds(60)) {
                let spans = try collector.spans.filter { $0.text("trace") == TraceExportTests.clientTrace }
                let done = spans.contains { $0.kind == "CONSUMER" && last.contains($0.event) }
                return done && published.isSubset(of: Set(spans.filter { $0.kind == "PRODUCER" }.map(\.id))) ? spans : nil
            }
            #expect(spans.filter { $0.parent == TraceExportTests.clientSpan }.map(\.kind) == ["SERVER"])
            #expect(spans.allSatisfy { span in span.kind == "SERVER" || spans.contains { $0.id == span.parent } })
            #expect(spans.filter { $0.kind == "CONSUMER" }.allSatisfy { published.contains($0.parent) })
            #expect(spans.filter { $0.kind == "PRODUCER" }.allSatisfy { $0.attribute("messaging.system") == "kafka" })
            #expect(try collector.spans.allSatisfy { $0.text("trace") != silentTrace })
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `what a client or the deadline decides is in the trace; the flag survives a restart; a ratio of 0 exports nothing`() async throws {
        var settings = DaemonSuite.Settings()
        settings.deadline = "1s"
        try await DaemonSuite.run(settings) { suite in
            let collector = try TraceCollector(in: suite.directory)
            try await collector.ready()
            try await suite.start(.order, environment: collector.environment)
            let orders = try RESTClient(.order)
            let late = try await orders.place()
            let spans = try await collector.spans(of: late.replacing("-", with: ""), atLeast: 4)
            let canceled = try #require(spans.first { $0.event == "ORDER_CANCELED" })
            #expect(
                TraceExportTests.descent(of: canceled, in: spans) == [
                    "sagad-order SERVER POST /orders", "sagad-order INTERNAL order PENDING→CANCELED",
                    "sagad-order PRODUCER send order-events ORDER_CANCELED",
                ])

            try await suite[.order].stop()
            let none = collector.environment.merging(["SAGAD_TRACING_SAMPLE_RATIO": "0"]) { $1 }
            try await suite.start(.order, environment: none)
            let silent = try await orders.place()
            try await suite[.order].crash()
            try await suite.start(.order, environment: collector.environment)
            _ = try await orders.decided(silent)
            try await suite.start(.payment, environment: collector.environment)
            let loud = try await orders.place()
            _ = try await collector.spans(of: loud.replacing("-", with: ""), atLeast: 5)
            #expect(try collector.spans.allSatisfy { $0.text("trace") != silent.replacing("-", with: "") })
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func
        `Fault 59, a collector that is away: holds up nothing; what is too much is dropped and counted, what is not is sent when it is back`()
        async throws
    {
        try await DaemonSuite.run { suite in
            var collector = try TraceCollector(in: suite.directory)
            try await collector.crash()
            try await TraceExportTests.start(suite, collector)
            let load = OrderLoad(suite)
            try await load.place(100)
            try await load.settle()
            #expect(try await TraceExportTests.dropped(suite) == 0)
            collector = try TraceCollector(in: suite.directory, port: collector.port)
            try await eventually("what had to wait", within: .seconds(90)) {
                try collector.spans.filter { $0.kind == "SERVER" }.count == 100 ? () : nil
            }

            try collector.behave(#"{"answer": {"partialSuccess": {"rejectedSpans": "1", "errorMessage": "no"}}}"#)
            _ = try await RESTClient(.order).place()
            try await eventually("one is refused") { try await TraceExportTests.dropped(suite) >= 1 ? () : nil }
            try collector.behave(#"{"status": 400}"#)
            let before = try await TraceExportTests.dropped(suite)
            _ = try await RESTClient(.order).place()
            try await eventually("all are refused") { try await TraceExportTests.dropped(suite) > before + 1 ? () : nil }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `what there is when a daemon stops is sent, and nobody waits long for a collector that is not there`() async throws {
        try await DaemonSuite.run { suite in
            let collector = try TraceCollector(in: suite.directory)
            try await collector.ready()
            try await suite.start(.order, environment: collector.environment)
            let order = try await RESTClient(.order).place()
            #expect(try await suite[.order].stop() == .code(0))
            #expect(try collector.spans.contains { $0.text("trace") == order.replacing("-", with: "") })

            try await suite.start(.order, environment: collector.environment)
            try await collector.crash()
            _ = try await RESTClient(.order).place()
            #expect(try await suite[.order].stop() == .code(0))
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `what a payment provider is asked is below the event for which it is asked, and its answer is in the trace`() async throws {
        try await DaemonSuite.run { suite in
            let collector = try TraceCollector(in: suite.directory)
            try await collector.ready()
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await provider.misbehave(#"[{"on":"charge","kind":"late-status","status":503}]"#)
            try await TraceExportTests.start(suite, collector, more: provider.environment())
            let orders = try RESTClient(.order)
            let order = try await orders.place()
            #expect(try await orders.decided(order)["status"]?.string == "APPROVED")
            // Asked twice; the others are those of an order that is approved.
            let spans = try await collector.spans(of: order.replacing("-", with: ""), atLeast: 16)
            let asked = spans.filter { $0.kind == "CLIENT" }
            #expect(asked.map(\.name) == ["POST /charges", "POST /charges"])
            for span in asked {
                #expect(
                    TraceExportTests.descent(of: span, in: spans).suffix(2) == [
                        "sagad-order PRODUCER send order-events ORDER_CREATED", "sagad-payment CLIENT POST /charges",
                    ])
            }
            #expect(spans.contains { $0.kind == "PRODUCER" && $0.event == "PAYMENT_APPROVED" })
        }
    }
}
