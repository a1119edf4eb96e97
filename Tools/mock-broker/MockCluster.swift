import CRdkafka

/// The owner of one mock cluster, and of the client instance the library wants for it.
struct MockCluster: ~Copyable {
    private let handle: OpaquePointer
    private let cluster: OpaquePointer
    let bootstrapServers: String

    /// - Parameter port: of the first broker, the others have those that follow; any when nil.
    init(brokers: Int32, port: UInt16?) throws(Refusal) {
        port.map(ListeningPorts.choose)
        let configuration = rd_kafka_conf_new()
        // It would warn of having no brokers to connect to.
        rd_kafka_conf_set(configuration, "log_level", "3", nil, 0)
        guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else {
            rd_kafka_conf_destroy(configuration)
            throw Refusal("no librdkafka instance to be had")
        }
        guard let cluster = rd_kafka_mock_cluster_new(handle, brokers) else {
            rd_kafka_destroy(handle)
            throw Refusal("no mock cluster to be had")
        }
        let bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        let wanted = port.map { port in (0..<Int(brokers)).map { "127.0.0.1:\(Int(port) + $0)" }.joined(separator: ",") }
        if let wanted, wanted != bootstrapServers {
            rd_kafka_mock_cluster_destroy(cluster)
            rd_kafka_destroy(handle)
            throw Refusal("the brokers got \(bootstrapServers) instead of \(wanted)")
        }
        self.handle = handle
        self.cluster = cluster
        self.bootstrapServers = bootstrapServers
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(handle)
    }

    func createTopic(_ name: String, partitions: Int32) throws(Refusal) {
        try check(rd_kafka_mock_topic_create(cluster, name, partitions, 1))
    }

    func setTopicError(_ topic: String, _ error: String) throws(Refusal) {
        rd_kafka_mock_topic_set_error(cluster, topic, try Self.code(of: error))
    }

    func fail(_ kind: RequestKind, with error: String, times: Int32) throws(Refusal) {
        let errors = [rd_kafka_resp_err_t](repeating: try Self.code(of: error), count: Int(max(times, 0)))
        rd_kafka_mock_push_request_errors_array(cluster, kind.rawValue, errors.count, errors)
    }

    func delay(_ kind: RequestKind, broker: Int32, milliseconds: Int32) throws(Refusal) {
        try check(sagad_mock_delay_request(cluster, broker, kind.rawValue, RD_KAFKA_RESP_ERR_NO_ERROR, milliseconds))
    }

    func clearErrors(of kind: RequestKind) {
        rd_kafka_mock_clear_request_errors(cluster, kind.rawValue)
    }

    func setRoundTrip(broker: Int32, milliseconds: Int32) throws(Refusal) {
        try check(rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds))
    }

    func setDown(broker: Int32) throws(Refusal) {
        try check(rd_kafka_mock_broker_set_down(cluster, broker))
    }

    func setUp(broker: Int32) throws(Refusal) {
        try check(rd_kafka_mock_broker_set_up(cluster, broker))
    }

    func setLeader(topic: String, partition: Int32, broker: Int32) throws(Refusal) {
        try check(rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker))
    }

    private func check(_ code: rd_kafka_resp_err_t) throws(Refusal) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw Refusal(String(cString: rd_kafka_err2str(code))) }
    }

    /// By name or number.
    private static func code(of error: String) throws(Refusal) -> rd_kafka_resp_err_t {
        if let number = Int32(error) { return rd_kafka_resp_err_t(rawValue: number) }
        var descriptions: UnsafePointer<rd_kafka_err_desc>?
        var count = 0
        rd_kafka_get_err_descs(&descriptions, &count)
        let known = UnsafeBufferPointer(start: descriptions, count: count)
        guard let match = known.first(where: { $0.name.map(String.init(cString:)) == error }) else {
            throw Refusal("no such error: \(error)")
        }
        return match.code
    }
}
