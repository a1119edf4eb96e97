import CRdkafka

/// The owner of one `rd_kafka_t` and of the queue it is served by.
///
/// Invariant behind `@unchecked Sendable`: `rd_kafka_t` is thread-safe, and the last reference is let go by a thread that may
/// block, after every message, list and event of it is gone (else destroying would wait for them for ever).
/// A consumer has to be closed before; destroying does not wait for the group.
final class RDKafkaHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let queue: OpaquePointer

    init(taking pointer: OpaquePointer, kind: rd_kafka_type_t) {
        self.pointer = pointer
        if kind == RD_KAFKA_CONSUMER {
            // Errors, statistics and the log go where messages and rebalances go, so that one poll serves them all.
            rd_kafka_poll_set_consumer(pointer)
            queue = rd_kafka_queue_get_consumer(pointer)
        } else {
            queue = rd_kafka_queue_get_main(pointer)
        }
        rd_kafka_set_log_queue(pointer, queue)
    }

    deinit {
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    /// Waits for an event that is enabled in the configuration.
    func nextEvent(within timeout: Duration) -> RDKafkaEvent? {
        RDKafkaEvent(taking: rd_kafka_queue_poll(queue, timeout.milliseconds))
    }

    /// Makes a poll that is waiting return at once.
    func wake() {
        rd_kafka_queue_yield(queue)
    }

    /// The error behind `_FATAL`, which itself only says that there is one.
    var fatalError: KafkaError? {
        let (code, text) = withErrorText { rd_kafka_fatal_error(pointer, $0, $1) }
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, message: text, isFatal: true)
    }

    /// Has the library connect if it is not: an idle instance whose broker went away would not try again
    /// until its next metadata refresh, minutes later.
    func reconnect() {
        _ = topicsOfCluster(onlyKnown: true, within: .milliseconds(1))
    }

    /// The topics the cluster has, with how many partitions each, or nil if it did not say in time. Listing all of them also makes a consumer look again for
    /// subscribed topics it has not found so far.
    func topicsOfCluster(onlyKnown: Bool = false, within timeout: Duration) -> [String: Int]? {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(pointer, onlyKnown ? 0 : 1, nil, &answer, timeout.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = answer else { return nil }
        defer { rd_kafka_metadata_destroy(metadata) }
        var topics: [String: Int] = [:]
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let topic = metadata.pointee.topics[index]
            if topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, topic.partition_cnt > 0 {
                topics[String(cString: topic.topic)] = Int(topic.partition_cnt)
            }
        }
        return topics
    }
}
