import Saga
import SagaStore

/// What a Kafka broker keeps: partitioned topics, and what each group has said along with its committed offsets.
final class Broker {
    static let partitions = 3

    private struct Log {
        var low: Int64 = 0
        var records: [IncomingRecord] = []

        var end: Int64 { low + Int64(records.count) }
    }

    private var logs: [[Log]]
    /// Grows with each record that is written.
    private var time = 0
    /// As a header, since records have no such field of their own.
    static let timestamp = "timestamp"
    /// By group, topic and partition.
    private var notes: [[[String?]]]

    init() {
        logs = Topic.allCases.map { _ in [Log](repeating: Log(), count: Broker.partitions) }
        notes = ServiceName.allCases.map { _ in Topic.allCases.map { _ in [String?](repeating: nil, count: Broker.partitions) } }
    }

    var isEmpty: Bool { ServiceName.allCases.allSatisfy { isEmpty(topic: $0) } }

    func isEmpty(topic: ServiceName) -> Bool { logs[topic.number].allSatisfy(\.records.isEmpty) }

    /// - Returns: the offset it got.
    @discardableResult
    func append(_ record: IncomingRecord, topic: ServiceName, partition: Int) -> Int64 {
        var record = record
        record.partition = Int32(partition)
        record.offset = logs[topic.number][partition].end
        time += 1
        if case .headers(let headers) = record.attributes {
            record.attributes = .headers(headers + [.init(name: Broker.timestamp, value: Array("\(time)".utf8))])
        }
        logs[topic.number][partition].records.append(record)
        return record.offset
    }

    func range(topic: ServiceName, partition: Int) -> Range<Int64> {
        let log = logs[topic.number][partition]
        return log.low..<log.end
    }

    /// - Parameter offset: in the log or at its end.
    func records(topic: ServiceName, partition: Int, from offset: Int64, limit: Int) -> [IncomingRecord] {
        let log = logs[topic.number][partition]
        return Array(log.records[Int(offset - log.low)...].prefix(limit))
    }

    func note(of group: ServiceName, topic: ServiceName, partition: Int) -> String? {
        notes[group.number][topic.number][partition]
    }

    func commit(_ note: String?, of group: ServiceName, topic: ServiceName, partition: Int) {
        notes[group.number][topic.number][partition] = note
    }

    // MARK: Losses

    func loseEverything() {
        self.logs = Broker().logs
        self.notes = Broker().notes
    }

    /// Makes it anew; what groups have committed stays.
    func recreate(topic: ServiceName) {
        logs[topic.number] = [Log](repeating: Log(), count: Broker.partitions)
    }

    /// Deletes the first records.
    func trim(topic: ServiceName, partition: Int, count: Int) {
        logs[topic.number][partition].low += Int64(count)
        logs[topic.number][partition].records.removeFirst(count)
    }
}
