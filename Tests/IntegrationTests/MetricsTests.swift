import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// What the daemons say of themselves to Prometheus, as Prometheus reads it.
@Suite(.showingLogs) struct MetricsTests {
    /// A scrape: the samples by their names with labels, as they are written.
    private struct Scrape {
        let text: String
        let samples: [Substring: Double]

        init(_ suite: DaemonSuite, _ service: ServiceName) async throws {
            text = try await suite.admin(service).get("/metrics").text
            samples = Dictionary(
                text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                    let space = line.lastIndex(of: " ")!
                    return (line[..<space], Double(line[line.index(after: space)...])!)
                }, uniquingKeysWith: { first, _ in first })
        }

        subscript(sample: Substring) -> Double? { samples[sample] }

        var names: Set<Substring> { Set(samples.keys.map { $0.prefix { $0 != "{" } }) }
    }

    private static let everywhere: Set<Substring> = [
        "saga_build_info", "saga_ready", "saga_http_requests_total", "saga_http_request_duration_seconds_bucket", "saga_http_connections",
        "saga_http_waiting", "saga_commit_duration_seconds_bucket", "saga_commit_jobs_bucket", "saga_event_age_seconds_bucket",
        "saga_events_applied_total", "saga_events_ignored_total", "saga_events_published_total", "saga_lag_events", "saga_outbox_pending",
        "saga_outbox_oldest_seconds", "saga_dead_letters", "saga_wal_bytes", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_open_fds", "process_start_time_seconds",
    ]

    private static let own: [ServiceName: Set<Substring>] = [
        .order: ["saga_order_decision_seconds_bucket", "saga_orders_canceled_total", "saga_orders_placed_total"],
        .inventory: ["saga_stock_units"],
    ]

    @Test(.timeLimit(.minutes(20))) func `orders leave their traces in the metrics, and promtool finds no fault with those`() async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for user in [1, 2] { _ = try await orders.decided(orders.place(user: user)) }
            for path in ["/orders/x", "/nowhere/1", "/nowhere/2"] { _ = try await suite.rest(.order).get(path) }

            for service in ServiceName.allCases {
                // A scrape does not count itself.
                _ = try await Scrape(suite, service)
                let scrape = try await Scrape(suite, service)
                let missing = MetricsTests.everywhere.union(MetricsTests.own[service] ?? []).subtracting(scrape.names)
                #expect(missing.isEmpty, "\(service) lacks \(missing.sorted())")
                try await MetricsTests.check(scrape.text, of: service, in: suite)
            }

            let order = try await Scrape(suite, .order)
            #expect(order[#"saga_http_requests_total{route="/orders",method="POST",status="201"}"#] == 2)
            #expect(order[#"saga_http_requests_total{route="none",method="GET",status="404"}"#] == 2, "paths that clients make up are one")
            #expect(order[#"saga_http_requests_total{route="/orders/{orderId}",method="GET",status="404"}"#] == 1)
            #expect(order[#"saga_http_request_duration_seconds_count{route="/orders",method="POST",status="2xx"}"#] == 2)
            #expect(order[#"saga_order_decision_seconds_count{outcome="APPROVED"}"#] == 1)
            #expect(order[#"saga_order_decision_seconds_count{outcome="CANCELED"}"#] == 1)
            #expect(order[#"saga_orders_canceled_total{reason="PAYMENT_FAILED"}"#] == 1)
            #expect(order[#"saga_orders_canceled_total{reason="DEADLINE_EXCEEDED"}"#] == 0)
            #expect(order[#"saga_event_age_seconds_count{type="INVENTORY_RESERVED"}"#] == 2)
            #expect(order[#"saga_lag_events{source="payment"}"#] != nil)
            #expect(try #require(order["saga_commit_jobs_sum"]) >= 2)
            #expect(try #require(order["saga_wal_bytes"]) > 0)

            // The compensation may still be on its way.
            try await eventually("stock given back") {
                let inventory = try await Scrape(suite, .inventory)
                return inventory[#"saga_stock_units{product="1",state="reserved"}"#] == 0 ? () : nil
            }
            let inventory = try await Scrape(suite, .inventory)
            #expect(inventory[#"saga_stock_units{product="1",state="sold"}"#] == 1)
            #expect(inventory[#"saga_stock_units{product="2",state="available"}"#] == 5)
            try await eventually("all of it published") {
                try await Scrape(suite, .order)["saga_events_published_total"] == 4 ? () : nil
            }
        }
    }

    @Test(.timeLimit(.minutes(20))) func `a listener for metrics answers nothing else, and by the rules of REST`() async throws {
        try await DaemonSuite.run { suite in
            let port = try FreePort.choose()
            try await suite.start(.order, environment: ["SAGAD_ORDER_METRICS_PORT": "\(port)"])
            let client = HTTPClient(.tcp(port: port))
            let answer = try await client.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("saga_http_connections{listener=\"metrics\"} 1\n"))
            for path in ["/status", "/livez", "/orders", "/openapi.json"] { #expect(try await client.get(path).status == 404, "\(path)") }
            #expect(try await client.ask("POST", "/metrics", body: []).status == 405)
            #expect(try await client.ask("GET", "/metrics", headers: [("Origin", "http://example.com")]).status == 403)
            #expect(try await client.get("http://example.com/metrics").status == 421)
        }
    }

    @Test(.timeLimit(.minutes(20))) func `an address for metrics that is taken ends the start with 69, naming it`() async throws {
        try await DaemonSuite.run { suite in
            let port = suite.port(of: .order)
            let daemon = try suite.launch(.order, environment: ["SAGAD_ORDER_METRICS_PORT": "\(port)"])
            #expect(try await daemon.exited() == .code(69))
            #expect(daemon.log.contains("cannot listen on 127.0.0.1:\(port)"))
        }
    }

    private static func check(_ text: String, of service: ServiceName, in suite: DaemonSuite) async throws {
        let file = try suite.directory.write(text, to: "\(service).metrics")
        let outcome = try await ProgramProcess.$directory.withValue("/bin") {
            try await ProgramProcess.run("sh", ["-c", "exec promtool check metrics <\(file)"], in: suite.directory.path)
        }
        #expect(outcome.exit == .code(0))
        #expect(outcome.output + outcome.errors == "", "\(service)")
    }
}
