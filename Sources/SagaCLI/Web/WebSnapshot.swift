import AdminAPI
import Console
import Saga
import Wire

/// What the page shows of the suite at one moment, asked of the daemons. What a daemon did not say is left out, not guessed.
struct WebSnapshot: Encodable, Sendable {
    let time: String
    /// nil where a daemon may not be asked: how it is is not known then.
    let overall: ServiceStatus.State?
    let services: [ServiceStatus]
    /// By who received them, then by type: how many events have arrived since that daemon started.
    let arrivals: [String: [String: Int]]
    let orders: [Order]?
    let products: [Product]?
    let productCount: Int?
    let deadLetters: [Letter]
    /// Why a daemon could not be asked, and what to do.
    let troubles: [String]

    struct Letter: Encodable, Sendable {
        let id: String
        let service: ServiceName
        let kind: String
        let reason: String
    }

    static let orderLimit = 25
    private static let productLimit = 50
    private static let letterLimit = 5

    static func taken(of suite: Suite) async -> WebSnapshot {
        async let metrics = suite.ask { client throws(AdminError) in try await client.metrics() }
        async let orders = suite.ask([.order]) { client throws(AdminError) in try await client.orders(limit: orderLimit).orders }
        async let products = suite.ask([.inventory]) { client throws(AdminError) in try await client.products() }
        let answers = await suite.ask { client throws(AdminError) in try await client.status() }
        let withLetters = answers.filter { $0.value?.deadLetters ?? 0 > 0 }.map(\.service)
        let letters = await suite.ask(withLetters) { client throws(AdminError) in
            try await client.deadLetters(limit: letterLimit).deadLetters
        }
        let services = answers.compactMap { $0.value ?? ($0.error?.isNotAllowed == true ? nil : .down($0.service)) }
        let stock = await products.first?.value
        return WebSnapshot(
            time: RFC3339.format(microseconds: Timestamp.now.microseconds),
            overall: services.count == answers.count ? services.map(\.state).max() : nil, services: services,
            arrivals: Dictionary(
                uniqueKeysWithValues: await metrics.compactMap { answer in
                    answer.value.map { (answer.service.rawValue, arrivals(in: $0)) }
                }),
            orders: await orders.first?.value, products: stock.map { Array($0.prefix(productLimit)) }, productCount: stock?.count,
            deadLetters: letters.flatMap { $0.value ?? [] }.map(Letter.init), troubles: answers.compactMap(\.error?.description))
    }

    /// From `saga_events_handled_total{type="…",outcome="…"}`; also what had no effect has arrived.
    static func arrivals(in metrics: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in metrics.split(separator: "\n") where line.hasPrefix("saga_events_handled_total{") {
            guard let label = line.firstRange(of: #"type=""#), let space = line.lastIndex(of: " "),
                let count = Double(line[line.index(after: space)...]),
                let type = EventType(rawValue: String(line[label.upperBound...].prefix { $0 != "\"" }))
            else { continue }
            counts[type.rawValue, default: 0] += Int(count)
        }
        return counts
    }
}

extension WebSnapshot.Letter {
    fileprivate init(_ letter: DeadLetter) {
        id = letter.id
        service = letter.service
        kind = letter.kind.rawValue
        reason = letter.reason
    }
}
