import Saga
import Wire

/// Every key of the configuration: where it is in the file, where it is in ``Configuration``, and what may be said there.
///
/// This table alone decides which keys the file may have, which `SAGAD_…` variables exist and what
/// ``Configuration/effective(hidingSecrets:)`` shows. A new key is a property of ``Configuration`` with its default, a line here, and a line in the commented default file.
package enum ConfigurationSchema {
    package static let settings = suite + transport + common + Choreography.rows.flatMap { network(of: $0.service) + own($0.service) }

    private static let suite = [
        Setting("stateDirectory", \.stateDirectory, .directory),
        Setting("runtimeDirectory", \.runtimeDirectory, .runtimeDirectory),
        Setting("transport", \.transport, .choice),
    ]

    private static let transport =
        [
            Setting("kafka.bootstrapServers", \.kafka.bootstrapServers, .text),
            Setting("kafka.partitions", \.kafka.partitions, .integer(1...10_000)),
            Setting("kafka.groupPrefix", \.kafka.groupPrefix, .groupPrefix),
            Setting("kafka.properties", \.kafka.properties, .properties),
        ] + Choreography.rows.map { row in Setting("kafka.topics.\(row.service)", \.kafka.topics[row.service], .topic) }

    private static let common = [
        Setting("store.kind", \.store.kind, .choice),
        Setting("store.connection", \.store.connection, .connection),
        Setting("retention", \.retention, .duration),
        Setting("orderRetention", \.orderRetention, .durationOrForever),
        Setting("deadLetters.limit", \.deadLetters.limit, .integer(1...1_000_000)),
        Setting("deadLetters.bytes", \.deadLetters.bytes, .size),
        Setting("tracing.otlpEndpoint", \.tracing.otlpEndpoint, .url),
        Setting("tracing.sampleRatio", \.tracing.sampleRatio, .ratio),
        Setting("backlogLimit", \.backlogLimit, .integer(1...maximumInteger)),
        Setting("logLevel", \.logLevel, .choice),
        Setting("allowedHosts", \.allowedHosts, .hostNames),
    ]

    /// What every participant has.
    private static func network(of service: ServiceName) -> [Setting] {
        [
            Setting("\(service).http.host", \.http[service].host, .host),
            Setting("\(service).http.port", \.http[service].port, .port),
            Setting("\(service).metrics.host", \.metrics[service].host, .host),
            Setting("\(service).metrics.port", \.metrics[service].port, .integer(0...65_535)),
        ]
    }

    /// What only this participant has.
    private static func own(_ service: ServiceName) -> [Setting] {
        switch service {
        case .order:
            [
                Setting("order.deadline", \.order.deadline, .duration),
                Setting("order.webhook.url", \.order.webhook.url, .url),
                Setting("order.webhook.timeout", \.order.webhook.timeout, .duration),
                Setting("order.webhook.caFile", \.order.webhook.caFile, .optionalFile),
            ]
        case .inventory:
            [Setting("inventory.initialStock", \.inventory.initialStock, .amounts(of: 1...maximumInteger, 0...maximumInteger))]
        case .payment:
            [
                Setting("payment.gateway.kind", \.payment.gateway.kind, .choice),
                Setting("payment.gateway.url", \.payment.gateway.url, .baseURL),
                Setting("payment.gateway.timeout", \.payment.gateway.timeout, .duration),
                Setting("payment.gateway.caFile", \.payment.gateway.caFile, .optionalFile),
                Setting("payment.declinedUsers", \.payment.declinedUsers, .identifiers(1...maximumInteger)),
            ]
        default: []
        }
    }

    /// 2^53−1: the largest integer that every reader of JSON keeps exact (RFC 8259, section 6).
    static let maximumInteger = JSONObject.largestInteger

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
