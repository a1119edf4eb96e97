import Telemetry
import Testing

@Suite struct MetricsTests {
    @Test("A counter is shown with what was added to it, and before anything was")
    func counters() {
        let metrics = Metrics()
        metrics.count("saga_a_total", "Of a.", by: 0)
        metrics.count("saga_b_total", "Of b.", labels: ["kind": "x"])
        metrics.count("saga_b_total", "Of b.", labels: ["kind": "x"], by: 2)
        #expect(
            metrics.text(gauges: []) == """
                # HELP saga_a_total Of a.
                # TYPE saga_a_total counter
                saga_a_total 0
                # HELP saga_b_total Of b.
                # TYPE saga_b_total counter
                saga_b_total{kind="x"} 3

                """)
    }

    @Test("A histogram counts upwards, and a value that equals a bound belongs to it")
    func histogram() {
        let metrics = Metrics()
        let family = metrics.histogram("saga_wait_seconds", "Of waiting.", bounds: [0.5, 2])
        for value in [0.25, 0.5, 2, 8] { family[["route": "/orders"]].observe(value) }
        #expect(
            metrics.text(gauges: []) == """
                # HELP saga_wait_seconds Of waiting.
                # TYPE saga_wait_seconds histogram
                saga_wait_seconds_bucket{route="/orders",le="0.5"} 2
                saga_wait_seconds_bucket{route="/orders",le="2"} 3
                saga_wait_seconds_bucket{route="/orders",le="+Inf"} 4
                saga_wait_seconds_sum{route="/orders"} 10.75
                saga_wait_seconds_count{route="/orders"} 4

                """)
    }

    @Test("The same name gives the same histogram")
    func sameFamily() {
        let metrics = Metrics()
        metrics.histogram("saga_wait_seconds", "Of waiting.")[[:]].observe(.milliseconds(1500))
        metrics.histogram("saga_wait_seconds", "Of waiting.")[[:]].observe(.milliseconds(-10))
        let text = metrics.text(gauges: [])
        #expect(text.contains("saga_wait_seconds_count 2\n"))
        #expect(text.contains("saga_wait_seconds_sum 1.5\n"), "a clock that was set back counts as no time")
        #expect(text.contains("saga_wait_seconds_bucket{le=\"0.001\"} 1\n"))
    }

    @Test("Gauges of one name stand together, and their labels are escaped")
    func gauges() {
        let text = Metrics().text(gauges: [
            Gauge("saga_b", "Of b.", 1.5, labels: ["name": "a\"\\\n"]), Gauge("saga_a_total", "Of a.", 7, kind: .counter),
            Gauge("saga_b", "Of b.", 2, labels: ["name": "c"]),
        ])
        #expect(
            text == """
                # HELP saga_a_total Of a.
                # TYPE saga_a_total counter
                saga_a_total 7
                # HELP saga_b Of b.
                # TYPE saga_b gauge
                saga_b{name="a\\"\\\\\\n"} 1.5
                saga_b{name="c"} 2

                """)
    }

    @Test("A process says what it uses")
    func process() throws {
        let gauges = Dictionary(uniqueKeysWithValues: ProcessMetrics.gauges().map { ($0.name, $0.value) })
        #expect(try #require(gauges["process_resident_memory_bytes"]) > 1_048_576)
        #expect(try #require(gauges["process_virtual_memory_bytes"]) > gauges["process_resident_memory_bytes"] ?? 0)
        #expect(try #require(gauges["process_threads"]) >= 1)
        #expect(try #require(gauges["process_open_fds"]) >= 3)
        #expect(try #require(gauges["process_start_time_seconds"]) > 1_600_000_000)
        #expect(gauges["process_cpu_seconds_total"] != nil)
    }
}
