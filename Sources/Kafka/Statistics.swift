import Glibc

/// The facts we want from librdkafka's statistics, found without parsing them. The format is documented in its STATISTICS.md.
enum Statistics {
    /// Broker states are upper case, a consumer group's is lower case, so this text belongs to a broker, whichever way it came to
    /// be known.
    static func aBrokerIsUp(_ json: UnsafePointer<CChar>) -> Bool {
        strstr(json, "\"state\":\"UP\"") != nil
    }

    /// How many brokers the cluster has. Those that were named to begin with have no number, and are the same ones again.
    static func brokers(_ json: UnsafePointer<CChar>) -> Int {
        let number = "\"nodeid\":"
        var numbers: Set<Int> = []
        var rest = strstr(json, number)
        while let found = rest {
            numbers.insert(Int(atoll(found + number.utf8.count)))
            rest = strstr(found + 1, number)
        }
        return numbers.count { $0 >= 0 }
    }

    /// How many connections were lost so far to brokers from which partitions are read. Others are closed whenever they are idle.
    static func disconnects(_ json: UnsafePointer<CChar>) -> Int {
        let (count, partitions) = ("\"disconnects\":", "\"toppars\":{")
        var sum = 0
        var rest = strstr(json, count)
        while let found = rest {
            if let those = strstr(found, partitions), atEntry(those + partitions.utf8.count) { sum += Int(atoll(found + count.utf8.count)) }
            rest = strstr(found + 1, count)
        }
        return sum
    }

    /// Whether an object that was opened before has something in it.
    private static func atEntry(_ json: UnsafePointer<CChar>) -> Bool {
        json[strspn(json, " ")] == CChar(UInt8(ascii: "\""))
    }
}
