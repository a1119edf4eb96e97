import Saga
import Testing

@testable import SagaConfiguration

@Suite struct EnvironmentTests {
    @Test func `maps and lists replace those of the file`() throws {
        let yaml = """
            inventory: {initialStock: {1: 1, 2: 2}}
            kafka: {properties: {a: 1}}
            payment: {declinedUsers: [5]}
            """
        let configuration = try load(
            yaml,
            [
                "SAGAD_INVENTORY_INITIAL_STOCK": #"{"3": 30}"#, "SAGAD_KAFKA_PROPERTIES": "sasl.password: 'x y'\nacks: all",
                "SAGAD_PAYMENT_DECLINED_USERS": "[]",
            ])
        #expect(configuration.inventory.initialStock == [3: 30])
        #expect(configuration.kafka.properties == ["sasl.password": "x y", "acks": "all"])
        #expect(configuration.payment.declinedUsers == [])
    }

    @Test func `sections may be given as one value, and the longer variable wins`() throws {
        let configuration = try load(
            "kafka: {topics: {payment: p}}",
            [
                "SAGAD_ORDER": "{http: {port: 1, host: h}, deadline: 1s}", "SAGAD_ORDER_HTTP": "{port: 2}", "SAGAD_ORDER_DEADLINE": "2s",
                "SAGAD_KAFKA_TOPICS": "{order: a}",
            ])
        #expect(
            configuration
                == changed {
                    ($0.http[.order], $0.order) = (.init(host: "h", port: 2), .init(deadline: .seconds(2)))
                    ($0.kafka.topics[.order], $0.kafka.topics[.payment]) = ("a", "p")
                })
    }

    @Test(arguments: ["{a: b}", "5", "true", "", "~", "# no comment", "'quoted'", "&a *b"])
    func `a string is taken as it is`(text: String) throws {
        #expect(try load("", ["SAGAD_KAFKA_BOOTSTRAP_SERVERS": text]).kafka.bootstrapServers == text)
    }

    @Test(arguments: [
        ("SAGAD_ORDER_HTTP_PORT", "abc", #"order.http.port: "abc" is not an integer (1 to 65535)"#),
        ("SAGAD_ORDER_HTTP_PORT", "", #"order.http.port: "" is not an integer (1 to 65535)"#),
        ("SAGAD_ORDER_HTTP_PORT", " 1", #"order.http.port: " 1" is not an integer (1 to 65535)"#),
        ("SAGAD_LOG_LEVEL", "", #"logLevel: "" is not one of trace, debug, info, notice, warning, error, critical"#),
        ("SAGAD_RETENTION", "", #"retention: "" is not a duration: a positive number with ms, s, m, h or d, such as 60s or 1.5h"#),
        ("SAGAD_STATE_DIRECTORY", "", #"stateDirectory: "" is not an absolute path, such as /run/sagad"#),
        ("SAGAD_INVENTORY_INITIAL_STOCK", "", "inventory.initialStock: is empty; write {} or [] for an empty map or list"),
        ("SAGAD_KAFKA", " # nothing", "kafka: is empty; write {} or [] for an empty map or list"),
        ("SAGAD_KAFKA_TOPICS", "{orders: a}", "kafka.topics.orders: unknown key; did you mean order?"),
        ("SAGAD_KAFKA_TOPICS", "[a]", "kafka.topics: must be a map, but is a list"),
        ("SAGAD_INVENTORY_INITIAL_STOCK", #"{"1": -1}"#, "inventory.initialStock.1: -1 is out of range (0 to 9007199254740991)"),
        (
            "SAGAD_INVENTORY_INITIAL_STOCK", "{",
            "inventory.initialStock: not valid YAML: did not find expected node content while parsing a flow node"
        ),
        ("SAGAD_PAYMENT_DECLINED_USERS", "2,3", "payment.declinedUsers: must be a list of integers, but is a string"),
        ("SAGAD_KAFKA_PROPERTIES", "{a: 1, a: 2}", "kafka.properties.a: given twice, first in line 1"),
        ("SAGAD_ORDER_HTTP_PROT", "1", "unknown variable; did you mean SAGAD_ORDER_HTTP_PORT?"),
        ("SAGAD_KAFKA_BOOTSTRAPSERVERS", "a", "unknown variable; did you mean SAGAD_KAFKA_BOOTSTRAP_SERVERS?"),
        ("SAGAD_", "1", "unknown variable; a key's variable is its path in upper snake case, such as SAGAD_ORDER_HTTP_PORT"),
    ])
    func `a wrong variable is named with what is wrong`(variable: String, text: String, problem: String) {
        #expect(problems("", [variable: text]) == ["\(variable): \(problem)"])
    }

    @Test func `text over 1 MiB is refused`() {
        let text = "{a: '" + String(repeating: "x", count: 1 << 20) + "'}"
        #expect(
            problems("", ["SAGAD_KAFKA_PROPERTIES": text]) == ["SAGAD_KAFKA_PROPERTIES: kafka.properties: is larger than 1048576 bytes"])
    }

    @Test(arguments: [
        "hunter2", "sasl.password=hunter2", "{sasl.password:hunter2}", "[hunter2]", "{sasl.password: [hunter2]}", "{a: 'hunter2",
    ])
    func `what is wrong with properties is said without showing secrets`(text: String) {
        let problems = problems("", ["SAGAD_KAFKA_PROPERTIES": text])
        #expect(problems.count == 1)
        #expect(!problems.contains { $0.contains("hunter2") })
    }
}
