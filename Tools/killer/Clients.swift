import AdminAPI
import Foundation
import struct Saga.ServiceName
import SagaTestSupport
import Synchronization
import Wire

/// The load: clients that place orders under idempotency keys, send each again until it is answered, cancel some, and look at them.
/// What they see goes into the history.
struct Clients: Sendable {
    let service: HTTPClient
    let history: History
    let seed: UInt64
    /// Orders a second, as long as the daemons keep up.
    let rate: Double
    private let hasEnded = StopFlag()

    /// Enough that some are always asking, while others wait for orders that a strike holds up.
    private static let count = 48
    /// Far longer than anything the schedule does.
    private static let patience: Duration = .seconds(120)

    init(service: HTTPClient, history: History, seed: UInt64, rate: Double) {
        self.service = service
        self.history = history
        self.seed = seed
        self.rate = rate
    }

    /// Returns after `stop`, when each client is done with the order it has in hand.
    func run() async throws {
        let interval = Duration.seconds(Double(Clients.count) / rate)
        try await withThrowingTaskGroup { group in
            for client in 0..<Clients.count {
                group.addTask {
                    var due = ContinuousClock.now + interval * Double(client) / Double(Clients.count)
                    for turn in 0... {
                        try await Task.sleep(until: due)
                        if hasEnded.value { return }
                        try await place(Wish(number: turn * Clients.count + client, seed: seed))
                        due = max(due + interval, .now)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func stop() {
        hasEnded.set()
    }

    /// Sends every request once more: the answers must still be the same.
    func repeatAll() async throws {
        let wishes = history.content.wishes
        try await withThrowingTaskGroup { group in
            for client in 0..<Clients.count {
                group.addTask {
                    for index in stride(from: client, to: wishes.count, by: Clients.count) { try await send(wishes[index]) }
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: One order

    private func place(_ wish: Wish) async throws {
        history.change { $0.wishes.append(wish) }
        async let twin: String? = wish.isDoubled ? send(wish) : nil
        let order = try await send(wish)
        _ = try await twin
        guard let order else { return }
        if wish.isCanceled { try await cancel(order) }
        // One order from its beginning to its end, another one at some time.
        var isFinal = false
        for wait in ["", "?wait=2s", "?wait=2s", "?wait=2s"] where !isFinal { isFinal = try await look(at: order, wait) }
        if let other = history.anyOrder { _ = try await look(at: other) }
    }

    /// The order the key stands for.
    @discardableResult
    private func send(_ wish: Wish) async throws -> String? {
        try await insist("the request with the key \(wish.key)") {
            let answer = try await service.post("/orders", json: wish.body, headers: [("Idempotency-Key", wish.key)])
            switch answer.status {
            case 201:
                guard let order = try? answer.json["orderId"]?.string else { throw OddAnswer(answer) }
                let promise = History.Promise(key: wish.key, order: order, answer: answer.body, at: .now)
                history.change { $0.promises.append(promise) }
                return order
            // The same request is still running, or the daemon is not up to it at the moment.
            case 409, 503: return nil
            default: throw OddAnswer(answer)
            }
        }
    }

    private func cancel(_ order: String) async throws {
        try await insist("the cancellation of \(order)") { () -> Bool? in
            let asked = ContinuousClock.now
            let answer = try await service.post("/orders/\(order)/cancel")
            if answer.status == 409 { return sight(order, asked, .final(status: "APPROVED", reason: nil)) }
            return try sight(order, asked, answer)
        }
    }

    /// Whether the order has ended.
    private func look(at order: String, _ query: String = "") async throws -> Bool {
        try await insist("the question for \(order)") {
            let asked = ContinuousClock.now
            return try sight(order, asked, try await service.get("/orders/\(order)\(query)"))
        } ?? false
    }

    /// Whether the order has ended; nil when the daemon is not up to it at the moment.
    private func sight(_ order: String, _ asked: ContinuousClock.Instant, _ answer: HTTPAnswer) throws -> Bool? {
        switch answer.status {
        case 200:
            guard let found = try? JSONDecoder().decode(Order.self, from: Data(answer.body)) else { throw OddAnswer(answer) }
            return sight(order, asked, found.status.isFinal ? .final(status: found.status.rawValue, reason: found.reason) : .pending)
        case 404: return sight(order, asked, .missing)
        case 503: return nil
        default: throw OddAnswer(answer)
        }
    }

    private func sight(_ order: String, _ asked: ContinuousClock.Instant, _ seen: History.Sighting.Seen) -> Bool {
        history.change { $0.sightings.append(History.Sighting(order: order, asked: asked, answered: .now, seen: seen)) }
        return seen.isFinal
    }

    /// Asks until there is an answer; nil when there was none for too long, or one that nobody should get. Both are noted.
    @discardableResult
    private func insist<Answer>(_ what: String, _ ask: () async throws -> Answer?) async throws -> Answer? {
        let end = ContinuousClock.now + Clients.patience
        while ContinuousClock.now < end {
            do {
                if let answer = try await ask() { return answer }
            } catch let odd as OddAnswer {
                history.change { $0.oddities.append("\(what) was answered \(odd.text)") }
                return nil
            } catch {
                // Nobody there, or it died before it had answered.
                try Task.checkCancellation()
            }
            history.change { $0.retries += 1 }
            try await Task.sleep(for: .milliseconds(50))
        }
        history.change { $0.oddities.append("\(what) was not answered within \(Clients.patience)") }
        return nil
    }
}

private struct OddAnswer: Error {
    let text: String

    init(_ answer: HTTPAnswer) {
        text = "\(answer.status): \(answer.text)"
    }
}

private final class StopFlag: Sendable {
    private let flag = Mutex(false)

    var value: Bool { flag.withLock { $0 } }

    func set() {
        flag.withLock { $0 = true }
    }
}
