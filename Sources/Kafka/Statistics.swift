import Glibc

/// The facts we want from librdkafka's statistics, found without parsing them. The format is documented in its STATISTICS.md.
enum Statistics {
    /// Broker states are upper case, a consumer group's is lower case, so this text belongs to a broker, whichever way it came to
    /// be known.
    static func aBrokerIsUp(_ json: UnsafePointer<CChar>) -> Bool {
        strstr(json, "\"state\":\"UP\"") != nil
    }

    /// How many connections were lost so far, of all brokers.
    static func disconnects(_ json: UnsafePointer<CChar>) -> Int {
        let name = "\"disconnects\":"
        var sum = 0
        var rest = strstr(json, name)
        while let found = rest {
            sum += Int(atoll(found + name.utf8.count))
            rest = strstr(found + 1, name)
        }
        return sum
    }
}
