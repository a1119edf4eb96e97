import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// Records that come again: at once, and when nobody remembers them.
@Suite(.showingLogs) struct DuplicateTests {
    @Test func `Fault 14, every event delivered five times: one effect each`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            let repeating = Task {
                var place = 0
                var seen: Set<String> = []
                while !Task.isCancelled {
                    let new = try await suite.tap.events.wait(for: "events", within: .seconds(120)) { [place] all in
                        all.count > place ? Array(all[place...]) : nil
                    }
                    place += new.count
                    for event in new where seen.insert(event.id ?? "").inserted { try await suite.repeat(event, times: 4) }
                }
            }
            defer { repeating.cancel() }
            try await load.place(40)
            try await load.settle()
            // The last ones are repeated too before all is counted once more.
            try await suite.tap.events.wait(for: "five of each") { all in
                Dictionary(grouping: all, by: \.id).values.allSatisfy { $0.count >= 5 } ? () : nil
            }
            try await load.settle()
        }
    }

    /// `retention: 1ms`: at its next start a daemon forgets all that it has told and heard.
    @Test func `Fault 40, deleted outbox and inbox rows: duplicates older than retention have no second effect`() async throws {
        var settings = KafkaSuite.Settings.patient()
        settings.daemons.more = "retention: 1ms"
        try await KafkaSuite.run(settings) { suite in
            let daemons = suite.daemons
            try await daemons.start(ServiceName.allCases)
            let load = OrderLoad(daemons)
            try await load.place(8)
            try await load.settle()
            for service in ServiceName.allCases { try await daemons[service].stop() }
            try await daemons.start(ServiceName.allCases)
            let orders = load.accepted.state.map(\.order)
            try await eventually("forgotten", within: .seconds(100)) { () -> Void? in
                for order in orders {
                    let trace = try JSONValue(parsing: Array(try await daemons.sagactl("trace", order, "--json").output.utf8))
                    if trace["steps"]?.array?.contains(where: { $0["kind"]?.string == "received" }) == true { return nil }
                }
                return ()
            }
            let before = try await Self.picture(orders, daemons)
            let told = suite.tap.events.state
            for event in told { try await suite.repeat(event, times: 1) }
            // What is placed behind them is decided behind them.
            for _ in 0..<6 { _ = try await daemons.decided(try await daemons.place(user: 2)) }
            try await eventually("rest") { () -> Void? in
                for service in ServiceName.allCases where try await daemons.status(service)["lag"]?.integer != 0 { return nil }
                return ()
            }
            #expect(try await Self.picture(orders, daemons) == before)
        }
    }

    /// All that is known of the orders, and the stock.
    private static func picture(_ orders: [String], _ daemons: DaemonSuite) async throws -> [String] {
        var texts: [String] = []
        for order in orders {
            texts.append(try await daemons.rest(.order).get("/orders/\(order)").text)
            texts.append(try await daemons.rest(.inventory).get("/reservations/\(order)").text)
            texts.append(try await daemons.rest(.payment).get("/payments/\(order)").text)
        }
        let products = try await daemons.rest(.inventory).get("/inventory").json["products"]?.array ?? []
        return texts + products.map { "\($0["productId"]?.integer ?? 0) sold \($0["sold"]?.integer ?? -1)" }
    }
}

extension KafkaSuite {
    /// Puts a record on its topic again, as it is.
    fileprivate func `repeat`(_ event: TappedEvent, times: Int) async throws {
        for _ in 0..<times {
            try await client.put(
                event.message.value, on: try #require(ServiceName.allCases.first { $0.topic.rawValue == event.message.topic }),
                key: String(decoding: event.message.key ?? [], as: UTF8.self), headers: event.message.headers)
        }
    }
}
