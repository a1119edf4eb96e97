import AdminAPI
import AdminStub
import Console
import Saga
import SagaTestSupport
import Testing
import Wire

@testable import SagaCLI

@Suite struct WebSnapshotTests {
    @Test func `arrivals are counted by type, whatever came of them`() {
        let metrics = """
            # HELP saga_events_handled_total Events by type and what came of them.
            saga_events_handled_total{outcome="applied",type="ORDER_CREATED"} 12
            saga_events_handled_total{type="ORDER_CREATED",outcome="duplicate"} 3
            saga_events_handled_total{outcome="applied",type="PAYMENT_FAILED"} 1
            saga_events_handled_total{outcome="dead-lettered",type="unreadable"} 7
            saga_events_applied_total 13
            saga_events_handled_total{broken
            """
        #expect(WebSnapshot.arrivals(in: metrics) == ["ORDER_CREATED": 15, "PAYMENT_FAILED": 1])
    }

    @Test func `a snapshot has what the daemons said, and says why one did not`() async throws {
        let directory = try TestDirectory()
        let status = { (service: ServiceName, letters: Int) in
            StubDaemon.Reply.json(
                #"{"service":"\#(service)","state":"degraded","lag":4,"deadLetters":\#(letters),"orders":{"APPROVED":1}}"#)
        }
        let order = """
            {"orderId":"o-1","userId":1,"productId":2,"quantity":3,"amount":4,"status":"APPROVED",\
            "createdAt":"2026-01-31T12:00:00.000Z","updatedAt":"2026-01-31T12:00:00.000Z"}
            """
        let letter = """
            {"id":"d-1","service":"inventory","kind":"schema","topic":"t","partition":0,"offset":1,"headers":{},"valueBase64":"",\
            "reason":"<b>why</b>","attempts":1,"createdAt":"2026-01-31T12:00:00.000Z"}
            """
        let products = (1...60).map { #"{"productId":\#($0),"available":1,"reserved":0,"sold":0}"# }.joined(separator: ",")
        let daemons = [
            try await StubDaemon(
                .order, in: directory.path,
                answers: [
                    "GET /status": status(.order, 0), "GET /orders?limit=25": .json(#"{"orders":[\#(order)]}"#),
                    "GET /metrics": .json(#"saga_events_handled_total{outcome="applied",type="PAYMENT_APPROVED"} 2"#),
                ]),
            try await StubDaemon(
                .inventory, in: directory.path,
                answers: [
                    "GET /status": status(.inventory, 9), "GET /inventory": .json(#"{"products":[\#(products)]}"#),
                    "GET /dead-letters?limit=5": .json(#"{"deadLetters":[\#(letter)]}"#),
                ]),
        ]
        let snapshot = await WebSnapshot.taken(of: Suite(runtimeDirectory: directory.path, timeout: .seconds(10)))
        let json = try JSONValue(parsing: Array(try AdminJSON.encode(snapshot)))
        #expect(json["overall"]?.string == "down")
        #expect(json["services"]?.array?.compactMap { $0["state"]?.string } == ["degraded", "degraded", "down"])
        #expect(json["services"]?.array?.first?["lag"]?.integer == 4)
        #expect(json["arrivals"]?["order"]?["PAYMENT_APPROVED"]?.integer == 2)
        #expect(json["arrivals"]?["inventory"] == nil, "no metrics are no zeros")
        #expect(json["orders"]?.array?.first?["orderId"]?.string == "o-1")
        #expect(json["products"]?.array?.count == 50)
        #expect(json["productCount"]?.integer == 60)
        let letters = try #require(json["deadLetters"]?.array)
        #expect(letters.map { $0["reason"]?.string } == ["<b>why</b>"])
        #expect(letters.first?["kind"]?.string == "schema")
        let troubles = try #require(json["troubles"]?.array)
        #expect(troubles.count == 1)
        #expect(troubles.first?.string?.contains("systemctl start saga-payment") == true)
        // Not asked for what they have none of.
        #expect(daemons[0].requests.map(\.target).sorted() == ["/metrics", "/orders?limit=25", "/status"])
        for daemon in daemons { try await daemon.stop() }
    }
}
