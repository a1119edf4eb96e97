import Kafka
import SagaTestSupport

/// A producer whose reports are kept.
struct TestProducer: Sendable {
    let producer: KafkaProducer
    let deliveries = Observed<[KafkaDelivery]>([])
    let events = Observed<[KafkaEvent]>([])

    init(_ bootstrapServers: String, _ properties: [String: String] = [:]) throws(KafkaError) {
        producer = try KafkaProducer(
            properties: properties.merging(["bootstrap.servers": bootstrapServers], uniquingKeysWith: { ours, _ in ours }),
            onDelivery: { [deliveries] in deliveries.append(contentsOf: $0) },
            onEvent: { [events] in events.append($0) })
    }

    /// Record `n` has key `n % keys`, value `n` and token `n`.
    func produce(_ numbers: Range<Int>, keys: Int = 5, to topic: String = "t") throws(KafkaError) {
        for number in numbers {
            try producer.produce(.numbered(number, keys: keys, topic: topic), token: Int64(number))
        }
    }

    func waitUntilDelivered(_ count: Int) async throws {
        try await deliveries.wait { $0.count { $0.error == nil } >= count }
    }
}

/// A consumer that records what it handles.
struct TestConsumer: Sendable {
    let consumer: KafkaConsumer
    let messages: Observed<[KafkaMessage]>
    let events = Observed<[KafkaEvent]>([])

    init(
        _ bootstrapServers: String, _ properties: [String: String] = [:], group: String = "g", topics: [String] = ["t"],
        bookmarks: [KafkaPartition: KafkaBookmark] = [:], limit: KafkaConsumer.BatchLimit = .init(),
        into messages: Observed<[KafkaMessage]> = Observed([]),
        before: @escaping @Sendable ([KafkaMessage]) throws(KafkaConsumer.Stop) -> Void = { _ in },
        hasRoom: @escaping @Sendable (KafkaMessage) -> Bool = { _ in true }
    ) throws(KafkaError) {
        self.messages = messages
        // The mock broker lets an empty fetch wait its whole time.
        let defaults = ["bootstrap.servers": bootstrapServers, "fetch.wait.max.ms": "10"]
        consumer = try KafkaConsumer(
            properties: properties.merging(defaults, uniquingKeysWith: { ours, _ in ours }),
            group: group, topics: topics, batchLimit: limit, bookmarks: { _ in bookmarks },
            onEvent: { [events] in events.append($0) },
            handle: { batch throws(KafkaConsumer.Stop) in
                try before(batch)
                var full: Set<String> = []
                let waiting = batch.indices.filter { index in
                    if !hasRoom(batch[index]) { full.insert(batch[index].topic) }
                    return full.contains(batch[index].topic)
                }
                messages.append(contentsOf: batch.indices.filter { !waiting.contains($0) }.map { batch[$0] })
                return Set(waiting)
            })
        consumer.start()
    }

    func end() async {
        consumer.stop()
        await consumer.waitUntilStopped()
    }
}

extension KafkaRecord {
    static func numbered(_ number: Int, keys: Int, topic: String = "t") -> KafkaRecord {
        KafkaRecord(topic: topic, key: Array("key-\(number % keys)".utf8), value: Array(String(number).utf8))
    }
}

extension KafkaMessage {
    var number: Int? { value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
}

extension [KafkaMessage] {
    /// The numbers of each key as they came, repeats left out.
    var firstsByKey: [[UInt8]: [Int]] {
        var seen: Set<Int> = []
        var result: [[UInt8]: [Int]] = [:]
        for message in self {
            guard let number = message.number, seen.insert(number).inserted else { continue }
            result[message.key ?? [], default: []].append(number)
        }
        return result
    }

    var areInOrderPerKey: Bool { firstsByKey.values.allSatisfy { $0 == $0.sorted() } }

    func contain(all numbers: Range<Int>) -> Bool { Set(compactMap(\.number)).isSuperset(of: numbers) }
}

extension [KafkaEvent] {
    var isConnectedNow: Bool {
        last { event in
            switch event {
            case .connected, .disconnected: true
            default: false
            }
        } == .connected
    }

    var disconnections: Int {
        count { event in if case .disconnected = event { true } else { false } }
    }

    var connections: Int { count { $0 == .connected } }
}

/// Asks again and again, for facts that nobody reports.
func eventually(within timeout: Duration = .seconds(20), _ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + timeout
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return true
}
