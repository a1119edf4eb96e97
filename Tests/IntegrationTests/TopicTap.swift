import Foundation
import Kafka
import Saga
import SagaTestSupport
import Testing
import Wire

/// Reads the three topics from their beginning, as somebody who has nothing to do with the suite.
final class TopicTap: Sendable {
    let events = Observed<[TappedEvent]>([])
    private let consumer: KafkaConsumer

    init(_ broker: MockBrokerProcess) throws {
        consumer = try KafkaConsumer(
            properties: ["bootstrap.servers": broker.bootstrapServers, "fetch.wait.max.ms": "20"], group: "tap-\(UUID())",
            topics: Topic.allCases.map(\.rawValue),
            handle: { [events] batch in
                events.change { $0 += batch.map(TappedEvent.init) }
                return []
            })
        consumer.start()
    }

    deinit {
        consumer.stop()
    }

    /// The events of an order that the topics hold when `isComplete` is content with them.
    @discardableResult
    func events(
        of order: String, within limit: Duration = .seconds(30), _ isComplete: @escaping @Sendable ([TappedEvent]) -> Bool
    ) async throws -> [TappedEvent] {
        try await events.wait(for: "events of \(order)", within: limit) { all in
            let events = all.filter { $0.order == order }
            return isComplete(events) ? events : nil
        }
    }

    /// The first event of the type for an order.
    func event(_ type: String, of order: String, within limit: Duration = .seconds(30)) async throws -> TappedEvent {
        try await events.wait(for: "\(type) of \(order)", within: limit) { all in all.first { $0.order == order && $0.type == type } }
    }

    func present(of order: String) -> [TappedEvent] {
        events.state.filter { $0.order == order }
    }
}

/// A record as it lies on a topic.
struct TappedEvent: Sendable {
    let message: KafkaMessage
    let body: JSONValue?

    init(_ message: KafkaMessage) {
        self.message = message
        body = message.value.flatMap { try? JSONValue(parsing: $0) }
    }

    var type: String? { body?["type"]?.string }
    var payload: JSONValue? { body?["payload"] }
    var order: String? { payload?["orderId"]?.string }
    var reason: String? { payload?["reason"]?.string }
    var id: String? { self["ce_id"] }
    var text: String { String(decoding: message.value ?? [], as: UTF8.self) }

    subscript(header: String) -> String? {
        message.headers.first { $0.name == header }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}
