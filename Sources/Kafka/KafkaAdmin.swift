import CRdkafka

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

    /// Creates the topics that do not exist, with the broker's default replication.
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
        let queue = rd_kafka_queue_new(pointer)
        let options = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        _ = withErrorText { rd_kafka_AdminOptions_set_request_timeout(options, timeout.milliseconds, $0, $1) }
        if let broker = brokerForLackOfController(within: timeout) {
            _ = withErrorText { rd_kafka_AdminOptions_set_broker(options, broker, $0, $1) }
        }

        var outcomes: [String: KafkaAdmin.Outcome] = [:]
        var requests: [OpaquePointer?] = []
        defer { requests.forEach { rd_kafka_NewTopic_destroy($0) } }
        for (name, partitions) in topics {
            let (request, problem) = withErrorText { rd_kafka_NewTopic_new(name, partitions, -1, $0, $1) }
            if request == nil { outcomes[name] = .failed(KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: problem)) }
            if request != nil { requests.append(request) }
        }
        rd_kafka_CreateTopics(pointer, &requests, requests.count, options, queue)
        var answered: [String: KafkaAdmin.Outcome] = [:]
        var error = KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        if let answer = RDKafkaEvent(taking: rd_kafka_queue_poll(queue, (timeout + .seconds(1)).milliseconds)) {
            answered = answer.createdTopics
            error = answer.error ?? error
        }
        let otherwise = KafkaAdmin.Outcome(rd_kafka_resp_err_t(rawValue: error.code), message: error.message)
        for (name, _) in topics where outcomes[name] == nil {
            outcomes[name] = answered[name] ?? otherwise
        }
        return outcomes
    }

    /// The library waits for the controller before it sends anything. If there is none among the brokers, any broker can tell
    /// whether it knows such requests at all; the mock cluster, which names a controller that does not exist, does not.
    private func brokerForLackOfController(within timeout: Duration) -> Int32? {
        var answer: UnsafePointer<rd_kafka_metadata>?
        guard rd_kafka_metadata(pointer, 0, nil, &answer, timeout.milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { return nil }
        defer { rd_kafka_metadata_destroy(answer) }
        let brokers = UnsafeBufferPointer(start: answer.pointee.brokers, count: Int(answer.pointee.broker_cnt)).map(\.id)
        let controller = rd_kafka_controllerid(pointer, 0)
        return brokers.contains(controller) ? nil : brokers.first
    }
}
