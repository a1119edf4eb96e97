import Kafka

/// Why the transport ended by itself, and the daemon with it.
enum KafkaTransportError: Error, CustomStringConvertible {
    case consumerEnded(KafkaError?)

    var description: String {
        switch self {
        case .consumerEnded(let error?): "the Kafka consumer failed: \(error)"
        case .consumerEnded(nil): "the Kafka consumer ended: the database could not be written"
        }
    }
}
