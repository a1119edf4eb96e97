import CRdkafka
import Posix

/// Requests to the cluster itself. Each uses a connection of its own, on a thread of its own, for as long as it takes.
package enum KafkaAdmin {
    /// What became of one topic to be created.
    package enum Outcome: Sendable, Equatable {
        case created
        case exists
        /// The broker does not know such requests: topics have to be made there by other means.
        case unsupported
        case failed(KafkaError)

        init(_ code: rd_kafka_resp_err_t, message: String?) {
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR: self = .created
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: self = .exists
            case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: self = .unsupported
            default: self = .failed(KafkaError(code, message: message))
            }
        }
    }

    /// Creates topics, with the broker's default replication. To be asked for those only that do not exist: a broker looks at the right to
    /// create before it looks whether there is anything to be created.
    /// - Returns: an outcome for each topic; without a broker, a failure for each after the timeout.
    package static func createTopics(
        properties: [String: String], _ topics: [(name: String, partitions: Int32)], timeout: Duration
    ) async throws(KafkaError) -> [String: Outcome] {
        let result: Result<[String: Outcome], KafkaError> = await withCheckedContinuation { answer in
            DedicatedThread.start {
                answer.resume(
                    returning: Result { () throws(KafkaError) in
                        let configuration = try KafkaProperties.configuration(["log.queue": "true"], under: properties)
                        return try configuration.makeHandle(RD_KAFKA_PRODUCER).createTopics(topics, timeout: timeout)
                    })
            }
        }
        return try result.get()
    }
}

extension RDKafkaHandle {
    fileprivate func createTopics(_ topics: [(name: String, partitions: Int32)], timeout: Duration) -> [String: KafkaAdmin.Outcome] {
        let deadline = ContinuousClock.now + timeout
        let brokers: [Int32]
        do throws(KafkaError) {
            brokers = try self.brokers(within: timeout)
        } catch {
            return Dictionary(topics.map { ($0.name, .failed(error)) }, uniquingKeysWith: { first, _ in first })
        }
        let left = ContinuousClock.now.duration(to: deadline)

        let queue = rd_kafka_queue_new(pointer)
        let options = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        _ = withErrorText { rd_kafka_AdminOptions_set_request_timeout(options, left.milliseconds, $0, $1) }
        // The library waits for the controller before it sends anything. If there is none among the brokers, any broker can tell
        // whether it knows such requests at all; the mock cluster, which names a controller that does not exist, does not.
        if !brokers.contains(rd_kafka_controllerid(pointer, 0)), let other = brokers.first {
            _ = withErrorText { rd_kafka_AdminOptions_set_broker(options, other, $0, $1) }
        }

        var outcomes: [String: KafkaAdmin.Outcome] = [:]
        var requests: [OpaquePointer?] = []
        defer { requests.forEach { rd_kafka_NewTopic_destroy($0) } }
        for (name, partitions) in topics {
            // A replication factor of -1 is the broker's default (KIP-464).
            let (request, problem) = withErrorText { rd_kafka_NewTopic_new(name, partitions, -1, $0, $1) }
            if let request {
                requests.append(request)
            } else {
                outcomes[name] = .failed(KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: problem))
            }
        }
        rd_kafka_CreateTopics(pointer, &requests, requests.count, options, queue)

        var answered: [String: KafkaAdmin.Outcome] = [:]
        var otherwise = KafkaAdmin.Outcome(RD_KAFKA_RESP_ERR__TIMED_OUT, message: nil)
        if let answer = RDKafkaEvent(taking: rd_kafka_queue_poll(queue, (left + .seconds(1)).milliseconds)) {
            answered = answer.createdTopics
            if let error = answer.error {
                otherwise = KafkaAdmin.Outcome(rd_kafka_resp_err_t(rawValue: error.code), message: error.message)
            }
        }
        for (name, _) in topics where outcomes[name] == nil {
            outcomes[name] = answered[name] ?? otherwise
        }
        return outcomes
    }

    private func brokers(within timeout: Duration) throws(KafkaError) -> [Int32] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(pointer, 0, nil, &answer, timeout.milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(answer) }
        return UnsafeBufferPointer(start: answer.pointee.brokers, count: Int(answer.pointee.broker_cnt)).map(\.id)
    }
}
