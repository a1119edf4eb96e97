import Saga
import Testing

@testable import SagaConfiguration

/// A value for each key that is not its default, in the file and in the environment.
struct Example: Sendable, CustomTestStringConvertible {
    let path: String
    let yaml: String
    let variable: String
    let text: String
    let expected: Configuration

    init(_ path: String, _ yaml: String, _ variable: String, _ text: String? = nil, _ change: (inout Configuration) -> Void) {
        self.path = path
        self.yaml = yaml
        self.variable = variable
        self.text = text ?? yaml
        expected = changed(change)
    }

    var testDescription: String { path }

    /// `a.b: 1` as a flow map of maps.
    var document: String {
        let names = path.split(separator: ".")
        return names.map { "{\($0): " }.joined() + yaml + String(repeating: "}", count: names.count)
    }

    static let all = suite + ServiceName.allCases.flatMap { ofEvery($0) }

    /// What every participant has.
    private static func ofEvery(_ service: ServiceName) -> [Example] {
        let variable = "SAGAD_\(service.rawValue.uppercased())"
        return [
            Example("kafka.topics.\(service)", "'9.i_i-I'", "SAGAD_KAFKA_TOPICS_\(service.rawValue.uppercased())", "9.i_i-I") {
                $0.kafka.topics[service] = "9.i_i-I"
            },
            Example("\(service).http.host", "'::1'", "\(variable)_HTTP_HOST", "::1") { $0.http[service].host = "::1" },
            Example("\(service).http.port", "65535", "\(variable)_HTTP_PORT") { $0.http[service].port = 65_535 },
            Example("\(service).metrics.host", "'::'", "\(variable)_METRICS_HOST", "::") { $0.metrics[service].host = "::" },
            Example("\(service).metrics.port", "65535", "\(variable)_METRICS_PORT") { $0.metrics[service].port = 65_535 },
        ]
    }

    private static let suite = [
        Example("stateDirectory", "/srv/saga", "SAGAD_STATE_DIRECTORY") { $0.stateDirectory = "/srv/saga" },
        Example("runtimeDirectory", "/run/other", "SAGAD_RUNTIME_DIRECTORY") { $0.runtimeDirectory = "/run/other" },
        Example("kafka.bootstrapServers", "'[::1]:9092,b:9092'", "SAGAD_KAFKA_BOOTSTRAP_SERVERS", "[::1]:9092,b:9092") {
            $0.kafka.bootstrapServers = "[::1]:9092,b:9092"
        },
        Example("kafka.partitions", "10000", "SAGAD_KAFKA_PARTITIONS") { $0.kafka.partitions = 10_000 },
        Example("kafka.groupPrefix", "b_1.x-y", "SAGAD_KAFKA_GROUP_PREFIX") { $0.kafka.groupPrefix = "b_1.x-y" },
        Example("kafka.properties", "{linger.ms: 2.50, debug: all, a: true, b: '5'}", "SAGAD_KAFKA_PROPERTIES") {
            $0.kafka.properties = ["linger.ms": "2.50", "debug": "all", "a": "true", "b": "5"]
        },
        Example("store.connection", "'host=b dbname={service}'", "SAGAD_STORE_CONNECTION", "host=b dbname={service}") {
            $0.store.connection = "host=b dbname={service}"
        },
        Example("orderRetention", "365d", "SAGAD_ORDER_RETENTION") { $0.orderRetention = .seconds(365 * 86_400) },
        Example("retention", "1.5h", "SAGAD_RETENTION") { $0.retention = .seconds(5400) },
        Example("deadLetters.limit", "1000000", "SAGAD_DEAD_LETTERS_LIMIT") { $0.deadLetters.limit = 1_000_000 },
        Example("deadLetters.bytes", "1.5KiB", "SAGAD_DEAD_LETTERS_BYTES") { $0.deadLetters.bytes = ByteCount(bytes: 1536) },
        Example("tracing.otlpEndpoint", "http://collector:4318", "SAGAD_TRACING_OTLP_ENDPOINT") {
            $0.tracing.otlpEndpoint = "http://collector:4318"
        },
        Example("tracing.sampleRatio", "0.25", "SAGAD_TRACING_SAMPLE_RATIO") { $0.tracing.sampleRatio = 0.25 },
        Example("backlogLimit", "1", "SAGAD_BACKLOG_LIMIT") { $0.backlogLimit = 1 },
        Example("logLevel", "critical", "SAGAD_LOG_LEVEL") { $0.logLevel = .critical },
        Example("allowedHosts", "[orders.example.com, box]", "SAGAD_ALLOWED_HOSTS") { $0.allowedHosts = ["box", "orders.example.com"] },
        Example("order.deadline", "250ms", "SAGAD_ORDER_DEADLINE") { $0.order.deadline = .milliseconds(250) },
        Example("order.webhook.url", "'https://[::1]:8443/a?b=c'", "SAGAD_ORDER_WEBHOOK_URL", "https://[::1]:8443/a?b=c") {
            $0.order.webhook.url = "https://[::1]:8443/a?b=c"
        },
        Example("order.webhook.timeout", "1m", "SAGAD_ORDER_WEBHOOK_TIMEOUT") { $0.order.webhook.timeout = .seconds(60) },
        Example("order.webhook.caFile", "/etc/ca.pem", "SAGAD_ORDER_WEBHOOK_CA_FILE") { $0.order.webhook.caFile = "/etc/ca.pem" },
        Example("inventory.initialStock", "{'7': 0, 9007199254740991: 9007199254740991}", "SAGAD_INVENTORY_INITIAL_STOCK") {
            $0.inventory.initialStock = [7: 0, 9_007_199_254_740_991: 9_007_199_254_740_991]
        },
        Example("payment.gateway.kind", "simulated", "SAGAD_PAYMENT_GATEWAY_KIND") { _ in },
        Example("payment.gateway.url", "'https://pay.example.com/v1'", "SAGAD_PAYMENT_GATEWAY_URL", "https://pay.example.com/v1") {
            $0.payment.gateway.url = "https://pay.example.com/v1"
        },
        Example("payment.gateway.timeout", "250ms", "SAGAD_PAYMENT_GATEWAY_TIMEOUT") {
            $0.payment.gateway.timeout = .milliseconds(250)
        },
        Example("payment.gateway.caFile", "/etc/ssl/own.pem", "SAGAD_PAYMENT_GATEWAY_CA_FILE") {
            $0.payment.gateway.caFile = "/etc/ssl/own.pem"
        },
        Example("payment.declinedUsers", "[3, 9007199254740991]", "SAGAD_PAYMENT_DECLINED_USERS") {
            $0.payment.declinedUsers = [3, 9_007_199_254_740_991]
        },
    ]
}

@Suite struct SchemaTests {
    @Test(arguments: Example.all)
    func `a key in the file changes its value and no other`(example: Example) throws {
        #expect(try load(example.document) == example.expected)
    }

    @Test(arguments: Example.all)
    func `a variable changes the value of its key and no other`(example: Example) throws {
        #expect(try load("", [example.variable: example.text]) == example.expected)
    }

    @Test func `the transport is a key too`() throws {
        let expected = changed {
            $0.transport = .kafka
            $0.kafka.bootstrapServers = "127.0.0.1:9092"
        }
        #expect(try load("transport: kafka\nkafka: {bootstrapServers: 127.0.0.1:9092}") == expected)
        #expect(try load("", ["SAGAD_TRANSPORT": "kafka", "SAGAD_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"]) == expected)
    }

    @Test func `a gateway outside is a key too, and needs a URL`() throws {
        let expected = changed {
            $0.payment.gateway.kind = .http
            $0.payment.gateway.url = "http://127.0.0.1:8090"
        }
        #expect(try load("payment: {gateway: {kind: http, url: 'http://127.0.0.1:8090'}}") == expected)
        for url in ["", "ftp://a", "http://", "https:///v1", "http://a?b", "a.example.com", "http://a b"] {
            #expect(throws: ConfigurationError.self) { try load("payment: {gateway: {kind: http, url: '\(url)'}}") }
        }
        #expect(throws: ConfigurationError.self) { try load("payment: {gateway: {kind: http}}") }
    }

    @Test func `what may be secret of a URL is shown nowhere`() throws {
        let shown = [
            "https://hooks.example.com/in": "https://hooks.example.com/in",
            "https://me:hunter2@hooks.example.com/in": "https://***@hooks.example.com/in",
            "https://hooks.example.com/a@b?token=hunter2": "https://hooks.example.com/a@b?***",
            "http://hunter2@127.0.0.1:4318?hunter2": "http://***@127.0.0.1:4318?***",
        ]
        for (url, expected) in shown {
            let configuration = try load("order: {webhook: {url: '\(url)'}}\ntracing: {otlpEndpoint: '\(url)'}")
            #expect(configuration.order.webhook.url == url)
            let effective = configuration.effective().json
            #expect(effective.ranges(of: "\"\(expected)\"").count == 2)
            #expect(!effective.contains("hunter2"))
        }
        for url in ["http://me:hunter2@a", "ftp://me:hunter2@a", "//hunter2@a", "http://a?hunter2"] {
            let error = #expect(throws: ConfigurationError.self) { try load("payment: {gateway: {kind: http, url: '\(url)'}}") }
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test func `every setting of the schema has an example here`() {
        let examples = Example.all.map(\.path) + ["transport", "store.kind"]
        #expect(Set(examples) == Set(ConfigurationSchema.settings.map { $0.path.joined(separator: ".") }))
    }

    @Test func `no two keys or sections share a variable`() {
        let variables = (ConfigurationSchema.sections + ConfigurationSchema.settings.map(\.path)).map(
            ConfigurationSchema.environmentVariable)
        #expect(Set(variables).count == variables.count)
        #expect(variables.contains("SAGAD_KAFKA_TOPICS"))
    }
}
