import Glibc

/// The one fact we want from librdkafka's statistics, found without parsing them.
enum Statistics {
    /// Broker states are upper case, a consumer group's is lower case, so this text belongs to a broker, whichever way it came to
    /// be known. The format is documented in librdkafka's STATISTICS.md.
    static func aBrokerIsUp(_ json: UnsafePointer<CChar>) -> Bool {
        strstr(json, "\"state\":\"UP\"") != nil
    }
}
