import Kafka
import Logging
import Systemd
import Transport

extension Log {
    /// What a client of librdkafka tells, in words. That a broker comes and goes, and that topics wait, is seen in the transport's status.
    func note(_ event: KafkaEvent, of client: KafkaClient) {
        switch event {
        case .connected, .disconnected, .handled, .waiting, .partlyAssigned, .refused, .granted: break
        case .assigned(let partitions):
            record(.info, "reads \(partitions.count) partitions: \(partitions.map(\.description).joined(separator: " "))")
        case .revoked(let partitions): record(.info, "no longer reads \(partitions.count) partitions")
        case .discontinuity(let partition, let finding):
            record(.error, "\(finding.text(of: partition))", fields: ["topic": partition.topic], messageID: MessageID.eventsMissing)
        // The publisher says that of its producer, and what comes of it.
        case .fatal(let error): record(client == .producer ? .debug : .error, "Kafka \(client) failed: \(error)")
        case .error(let error): record(.debug, "Kafka: \(error)")
        case .log(let level, let message): record(level <= 4 ? .debug : .trace, "librdkafka: \(message)")
        }
    }
}

extension KafkaDiscontinuity {
    fileprivate func text(of partition: KafkaPartition) -> String {
        switch self {
        case .replaced: "\(partition) is another one than before: its topic is read from the beginning"
        case .shortened: "\(partition) ends before the place that was reached: it is read from the beginning"
        case .trimmed(let missing):
            "records \(missing.lowerBound) to \(missing.upperBound - 1) of \(partition) were deleted before they were read: "
                + "its owner is asked to publish them again"
        }
    }
}
