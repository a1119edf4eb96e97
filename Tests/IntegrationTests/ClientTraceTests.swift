import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// The trace that a client began.
@Suite(.showingLogs) struct ClientTraceTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// Places an order and gives back its id.
    private func place(_ traceparent: String, user: Int = 1) async throws -> String {
        let orders = try RESTClient(.order)
        let answer = try await orders.post("/orders", json: RESTClient.body(user: user), headers: [("traceparent", traceparent)])
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(try answer.json["orderId"]?.string)
    }

    private func traces(_ suite: KafkaSuite, of order: String, until last: String) async throws -> Set<String> {
        let events = try await suite.tap.events(of: order) { events in events.contains { $0.type == last } }
        return Set(events.map { String(($0["traceparent"] ?? "").split(separator: "-").dropFirst().first ?? "") })
    }

    @Test(.timeLimit(.minutes(20)))
    func `a client's trace is in every event of the saga and in every log, also of what the deadline and another client decide`()
        async throws
    {
        try await KafkaSuite.run { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let approved = try await place("00-\(ClientTraceTests.traceID)-00f067aa0ba902b7-01")
            #expect(try await traces(suite, of: approved, until: "ORDER_APPROVED") == [ClientTraceTests.traceID])
            let declined = try await place("00-\(ClientTraceTests.traceID)-00f067aa0ba902b7-00", user: 2)
            #expect(try await traces(suite, of: declined, until: "INVENTORY_RELEASED") == [ClientTraceTests.traceID])
            for service in ServiceName.allCases {
                try await eventually("the trace in the log of \(service)") {
                    let lines = try suite.daemons[service].log.split(separator: "\n").filter { $0.contains("order_id=\(approved)") }
                    return !lines.isEmpty && lines.allSatisfy { $0.contains("trace_id=\(ClientTraceTests.traceID)") } ? () : nil
                }
            }

            try await suite.daemons[.inventory].stop()
            let canceled = try await place("00-\(ClientTraceTests.traceID)-00f067aa0ba902b7-01")
            try await suite.daemons[.order].crash()
            try await suite.daemons.start(.order)
            #expect(try await RESTClient(.order).post("/orders/\(canceled)/cancel").status == 200)
            #expect(try await traces(suite, of: canceled, until: "ORDER_CANCELED") == [ClientTraceTests.traceID])
        }
    }

    @Test(.timeLimit(.minutes(20))) func `a malformed traceparent is ignored: the trace is called like the order`() async throws {
        try await KafkaSuite.run { suite in
            try await suite.daemons.start(ServiceName.allCases)
            for malformed in ["x", "00-\(ClientTraceTests.traceID)", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
                let order = try await place(malformed)
                #expect(try await traces(suite, of: order, until: "ORDER_APPROVED") == [order.replacing("-", with: "")])
            }
        }
    }
}
