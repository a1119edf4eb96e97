/// Every key of the configuration: where it is in the file, where it is in ``Configuration``, and what may be said there.
///
/// This table alone decides which keys the file may have, which `SAGAD_…` variables exist and what
/// ``Configuration/effective(hidingSecrets:)`` shows. A new key is a property of ``Configuration`` with its default, a line here, and a line in the commented default file.
package enum ConfigurationSchema {
    package static let settings = [
        Setting("stateDirectory", \.stateDirectory, .directory),
        Setting("runtimeDirectory", \.runtimeDirectory, .runtimeDirectory),
        Setting("transport", \.transport, .choice),
        Setting("kafka.bootstrapServers", \.kafka.bootstrapServers, .text),
        Setting("kafka.partitions", \.kafka.partitions, .integer(1...10_000)),
        Setting("kafka.groupPrefix", \.kafka.groupPrefix, .groupPrefix),
        Setting("kafka.properties", \.kafka.properties, .properties),
        Setting("kafka.topics.order", \.kafka.topics.order, .topic),
        Setting("kafka.topics.inventory", \.kafka.topics.inventory, .topic),
        Setting("kafka.topics.payment", \.kafka.topics.payment, .topic),
        Setting("retention", \.retention, .duration),
        Setting("backlogLimit", \.backlogLimit, .integer(1...maximumInteger)),
        Setting("logLevel", \.logLevel, .choice),
        Setting("allowedHosts", \.allowedHosts, .hostNames),
        Setting("order.http.host", \.order.http.host, .host),
        Setting("order.http.port", \.order.http.port, .port),
        Setting("order.metrics.host", \.order.metrics.host, .host),
        Setting("order.metrics.port", \.order.metrics.port, .integer(0...65_535)),
        Setting("order.deadline", \.order.deadline, .duration),
        Setting("inventory.http.host", \.inventory.http.host, .host),
        Setting("inventory.http.port", \.inventory.http.port, .port),
        Setting("inventory.metrics.host", \.inventory.metrics.host, .host),
        Setting("inventory.metrics.port", \.inventory.metrics.port, .integer(0...65_535)),
        Setting("inventory.initialStock", \.inventory.initialStock, .amounts(of: 1...maximumInteger, 0...maximumInteger)),
        Setting("payment.http.host", \.payment.http.host, .host),
        Setting("payment.http.port", \.payment.http.port, .port),
        Setting("payment.metrics.host", \.payment.metrics.host, .host),
        Setting("payment.metrics.port", \.payment.metrics.port, .integer(0...65_535)),
        Setting("payment.declinedUsers", \.payment.declinedUsers, .identifiers(1...maximumInteger)),
    ]

    /// 2^53−1: the largest integer that every reader of JSON keeps exact (RFC 8259, section 6).
    static let maximumInteger: Int64 = 9_007_199_254_740_991

    /// Every section, those that contain others first: the shorter path is overridden by the longer.
    static let sections: [[String]] = {
        var sections: [[String]] = []
        for setting in settings {
            for depth in 1..<setting.path.count where !sections.contains(Array(setting.path[..<depth])) {
                sections.append(Array(setting.path[..<depth]))
            }
        }
        return sections.sorted { $0.count < $1.count }
    }()

    static func setting(at path: [String]) -> Setting? {
        settings.first { $0.path == path }
    }

    /// The names that may stand directly below `section`, in the table's order.
    static func names(in section: [String]) -> [String] {
        var names: [String] = []
        for setting in settings where setting.path.starts(with: section) && setting.path.count > section.count {
            let name = setting.path[section.count]
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// `kafka.bootstrapServers` → `SAGAD_KAFKA_BOOTSTRAP_SERVERS`.
    package static func environmentVariable(for path: [String]) -> String {
        environmentPrefix
            + path.map { name in
                name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
            }.joined(separator: "_")
    }

    static let environmentPrefix = "SAGAD_"
}
