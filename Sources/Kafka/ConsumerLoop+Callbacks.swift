import CRdkafka

extension ConsumerLoop {
    /// Has the library call this instance, which has to outlive the handle that is made from the configuration.
    func setCallbacks(_ configuration: OpaquePointer) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_rebalance_cb(configuration) { _, code, partitions, opaque in
            ConsumerLoop.of(opaque).rebalance(code, partitions)
        }
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            let error = KafkaError(rd_kafka_resp_err_t(rawValue: code), message: reason.map(String.init(cString:)))
            ConsumerLoop.of(opaque).report(error)
        }
        rd_kafka_conf_set_stats_cb(configuration) { _, json, _, opaque in
            json.map {
                ConsumerLoop.of(opaque).sample(
                    aBrokerIsUp: Statistics.aBrokerIsUp($0), brokers: Statistics.brokers($0), disconnects: Statistics.disconnects($0))
            }
            return 0
        }
        rd_kafka_conf_set_log_cb(configuration) { handle, level, facility, text in
            guard let handle, let facility, let text else { return }
            let line = LogLine(level: level, facility: String(cString: facility), text: String(cString: text))
            line.event.map(ConsumerLoop.of(rd_kafka_opaque(handle)).onEvent)
        }
    }

    private static func of(_ opaque: UnsafeMutableRawPointer?) -> ConsumerLoop {
        // Set for every handle in `setCallbacks`.
        Unmanaged<ConsumerLoop>.fromOpaque(opaque!).takeUnretainedValue()
    }
}
