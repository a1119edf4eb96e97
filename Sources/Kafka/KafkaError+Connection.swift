import CRdkafka

extension KafkaError {
    /// Whether it says why there is no connection.
    package var isOfConnection: Bool { connectionAdvice != nil || code == RD_KAFKA_RESP_ERR__TRANSPORT.rawValue }

    /// What to do about a connection that will not come about by itself; nil for other errors.
    package var connectionAdvice: String? {
        switch rd_kafka_resp_err_t(rawValue: code) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
            "authentication is refused; check sasl.mechanism, sasl.username and, in the credential kafka.properties, sasl.password"
        case RD_KAFKA_RESP_ERR__SSL where message.contains("verif"):
            "the broker's certificate is not trusted; check ssl.ca.location and the names in kafka.bootstrapServers"
        case RD_KAFKA_RESP_ERR__SSL:
            "TLS fails; check security.protocol, the port in kafka.bootstrapServers and the ssl properties"
        case RD_KAFKA_RESP_ERR__TRANSPORT where Self.hints.contains { message.contains($0) }, RD_KAFKA_RESP_ERR__BAD_MSG:
            "the broker speaks another protocol, such as TLS or one with authentication; check security.protocol"
        case RD_KAFKA_RESP_ERR__RESOLVE:
            "a name cannot be resolved; check kafka.bootstrapServers"
        default: nil
        }
    }

    /// How librdkafka words that a broker may expect something else.
    private static let hints = ["security.protocol", "SSL listener", "PLAINTEXT broker listener", "Invalid response size"]
}
