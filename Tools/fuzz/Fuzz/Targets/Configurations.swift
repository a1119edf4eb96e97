import Foundation
import Saga
import SagaConfiguration
import Wire

extension FuzzTarget {
    /// The YAML file: a configuration that obeys every rule, or problems that each name a line.
    static let configuration = FuzzTarget(
        "configuration",
        seeds: [
            """
            stateDirectory: /var/lib/sagad
            transport: kafka
            kafka:
              bootstrapServers: "127.0.0.1:9092"
              partitions: 3
              properties: { linger.ms: 5, sasl.password: "x", debug: true }
              topics: { order: a, inventory: b, payment: c }
            retention: 7d
            backlogLimit: 100000
            logLevel: info   # as usual
            """,
            """
            order:
              http: { host: "::1", port: 8081 }
              deadline: 1.5m
            inventory:
              initialStock: { "1": 10, 2: 5 }
            payment:
              declinedUsers: [2, 3]
            """, "--- {}\n...\n", "order: &a !!map\n  http: *a\n", "? x\n: |\n  y\n- z\n",
        ].map { Array($0.utf8) },
        words: ConfigurationSchema.settings.flatMap(\.path) + [
            ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!str ", "|", ">", "'", "\"", "#", "---\n", "\t", "? ",
        ]
    ) { bytes in
        var reader = ConfigurationReader()
        reader.readFile("f", contents: bytes)
        switch Result(catching: { () throws(ConfigurationError) in try reader.finish() }) {
        case .success(let configuration): try isSound(configuration)
        case .failure(let error):
            for problem in error.problems {
                guard case .file("f", let line?) = problem.origin, line >= 1 else { throw Violation("no line: \(problem)") }
                try isOneLine(problem)
            }
        }
    }

    /// `SAGAD_…` variables, one a line, over the defaults: every problem names the variable it comes from.
    static let environment = FuzzTarget(
        "environment",
        seeds: [
            "SAGAD_ORDER_HTTP_PORT=9\nSAGAD_KAFKA_PROPERTIES={ a: b }\nSAGAD_ORDER_DEADLINE=1.5h",
            "SAGAD_INVENTORY_INITIAL_STOCK={\"1\":1}\nSAGAD_TRANSPORT=kafka\nSAGAD_KAFKA_BOOTSTRAP_SERVERS=x:1",
            "SAGAD_KAFKA_TOPICS={order: x, payment: y}\nSAGAD_PAYMENT_DECLINED_USERS=[1,2]\nSAGAD_RETENTION=0.001ms\nSAGAD_ORDER=http: {port: 1}",
        ].map { Array($0.utf8) },
        words: ConfigurationSchema.settings.map { ConfigurationSchema.environmentVariable(for: $0.path) } + [
            "=", "\n", "{", "}", "[", "]", ":", "ms", "s", "d", ".", "SAGAD_",
        ]
    ) { bytes in
        // As the kernel hands it over: neither name nor value has a NUL.
        let lines = String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self).split(separator: "\n")
        let variables = lines.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        let environment = Dictionary(variables) { $1 }
        var reader = ConfigurationReader()
        reader.readEnvironment(environment)
        switch Result(catching: { () throws(ConfigurationError) in try reader.finish() }) {
        case .success(let configuration): try isSound(configuration)
        case .failure(let error):
            let names = environment.keys.map(\.shownPlain)
            for problem in error.problems {
                guard case .environment(let name) = problem.origin else { throw Violation("from nowhere: \(problem)") }
                try require(names.contains(name), "not a variable there: \(problem)")
                try isOneLine(problem)
            }
        }
    }

    /// The credential with librdkafka properties: problems name lines and never show what is in them; what is taken can be handed to C.
    static let credentials = FuzzTarget(
        "credentials", seeds: ["sasl.password = geheim\n# a comment\n\nsasl.username=me\r\n", "a==b\n=\nc"].map { Array($0.utf8) },
        words: ["=", "\n", "#", " ", "\t", "\r", "sasl.password"]
    ) { bytes in
        switch Result(catching: { () throws(ConfigurationError) in try KafkaCredentials.properties(in: bytes, of: "f") }) {
        case .success(let properties):
            for (name, value) in properties {
                try require(!name.isEmpty && !(name + value).utf8.contains { $0 == 0 || $0 == 0x0A }, "\(name) = \(value)")
            }
        case .failure(let error):
            for problem in error.problems {
                guard case .file("f", let line?) = problem.origin, line >= 1 else { throw Violation("no line: \(problem)") }
                try require(
                    problem.description.wholeMatch(of: #/f:\d+: is not a librdkafka property, such as name = value/#) != nil, "\(problem)")
            }
        }
    }

    /// Within its bounds, and the same again when what is shown of it is read as a file.
    private static func isSound(_ configuration: Configuration) throws {
        let topics = configuration.kafka.topics
        try require(Set(ServiceName.allCases.map { topics[$0] }).count == ServiceName.allCases.count, "\(topics)")
        try require(configuration.transport == .direct || !configuration.kafka.bootstrapServers.isEmpty, "no servers")
        for duration in [configuration.retention, configuration.order.deadline] {
            try require(duration > .zero && duration <= .seconds(36_500 * 86_400), "\(duration)")
        }
        let shown = Array(configuration.effective(hidingSecrets: false).json.utf8)
        try require((try? JSONValue(parsing: shown)) != nil || !configuration.kafka.properties.isEmpty, "shown as no JSON")
        // YAML allows no control characters as they are, and folds some white space that JSON does not.
        guard shown.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return }
        var reader = ConfigurationReader()
        reader.readFile("shown", contents: shown)
        switch Result(catching: { () throws(ConfigurationError) in try reader.finish() }) {
        case .success(let again): try require(again == configuration, "\(configuration) became \(again)")
        case .failure(let error): throw Violation("refused when it is read again: \(error)")
        }
    }

    private static func isOneLine(_ problem: ConfigurationError.Problem) throws {
        try require(!problem.description.contains(where: \.isNewline) && problem.description.utf8.count < 4000, "not one line: \(problem)")
    }
}
