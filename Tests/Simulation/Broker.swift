import Saga
import SagaStore

/// What a Kafka broker keeps: partitioned topics, and how far each group has read.
final class Broker {
    static let partitions = 3

    private var logs: [[[IncomingRecord]]]
    private var offsets: [[[Int]]]

    init() {
        logs = Broker.empty
        offsets = ServiceName.allCases.map { _ in Topic.allCases.map { _ in [Int](repeating: 0, count: Broker.partitions) } }
    }

    private static var empty: [[[IncomingRecord]]] { Topic.allCases.map { _ in [[IncomingRecord]](repeating: [], count: partitions) } }

    var isEmpty: Bool { logs.allSatisfy { $0.allSatisfy(\.isEmpty) } }

    func append(_ record: IncomingRecord, topic: ServiceName, partition: Int) {
        var record = record
        record.partition = Int32(partition)
        record.offset = Int64(logs[topic.number][partition].count)
        logs[topic.number][partition].append(record)
    }

    func end(topic: ServiceName, partition: Int) -> Int {
        logs[topic.number][partition].count
    }

    func records(topic: ServiceName, partition: Int, from offset: Int, limit: Int) -> [IncomingRecord] {
        let log = logs[topic.number][partition]
        return offset < log.count ? Array(log[offset..<min(offset + limit, log.count)]) : []
    }

    func offset(of group: ServiceName, topic: ServiceName, partition: Int) -> Int {
        offsets[group.number][topic.number][partition]
    }

    func store(_ offset: Int, of group: ServiceName, topic: ServiceName, partition: Int) {
        offsets[group.number][topic.number][partition] = offset
    }

    func loseData() {
        logs = Broker.empty
        offsets = offsets.map { $0.map { $0.map { _ in 0 } } }
    }
}

extension ServiceName {
    /// Its place in arrays that have one for each service.
    var number: Int {
        switch self {
        case .order: 0
        case .inventory: 1
        case .payment: 2
        }
    }
}
