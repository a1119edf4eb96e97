import Saga
import Testing

@testable import SagaConfiguration

@Suite struct ConfigurationErrorTests {
    @Test func `all problems of file and environment come at once, with line or variable, key and remedy`() {
        let yaml = """
            stateDirectory: var/lib
            transprot: kafka
            kafka:
              partitions: 0
              topics:
                order: "a b"
                payment:
            order:
              http: {host: "", port: 99999}
              deadline: 60
            logLevel: warn
            payment:
              declinedUsers: [1, "2", 0]
            """
        let integers = "1 to 9007199254740991"
        #expect(
            problems(yaml, ["SAGAD_ORDER_HTTP_PORT": "abc", "SAGAD_LOGLEVEL": "info"]) == [
                #"f:1: stateDirectory: "var/lib" is not an absolute path, such as /run/sagad"#,
                "f:2: transprot: unknown key; did you mean transport?",
                "f:4: kafka.partitions: 0 is out of range (1 to 10000)",
                #"f:6: kafka.topics.order: "a b" is not a topic name (1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'; not "." or "..")"#,
                "f:7: kafka.topics.payment: has no value; it must be a string",
                #"f:9: order.http.host: "" is not a host name or address, such as 127.0.0.1"#,
                "f:9: order.http.port: 99999 is out of range (1 to 65535)",
                "f:10: order.deadline: 60 has no unit (ms, s, m, h or d), such as 60s",
                #"f:11: logLevel: "warn" is not one of trace, debug, info, notice, warning, error, critical; did you mean warning?"#,
                #"f:13: payment.declinedUsers.1: "2" is a string, not an integer (\#(integers)); leave out the quotes"#,
                "f:13: payment.declinedUsers.2: 0 is out of range (\(integers))",
                #"SAGAD_ORDER_HTTP_PORT: order.http.port: "abc" is not an integer (1 to 65535)"#,
                "SAGAD_LOGLEVEL: unknown variable; did you mean SAGAD_LOG_LEVEL?",
            ])
    }

    @Test(arguments: [
        // Types
        ("order: 5", "f:1: order: must be a map, but is an integer"),
        ("- order", "f:1: must be a map, but is a list"),
        ("hello", "f:1: must be a map, but is a string"),
        ("kafka: {bootstrapServers: 5}", "f:1: kafka.bootstrapServers: 5 is an integer, not a string; put it in quotes"),
        ("kafka: {bootstrapServers: 1.5}", "f:1: kafka.bootstrapServers: 1.5 is a number, not a string; put it in quotes"),
        ("transport: true", "f:1: transport: true is a boolean, not a string; put it in quotes"),
        ("transport: [direct]", "f:1: transport: must be one of direct, kafka, not a list"),
        ("order:\n  http:\n    port: {}", "f:3: order.http.port: must be an integer, not a map"),
        ("backlogLimit:\nlogLevel: info", "f:1: backlogLimit: has no value; it must be an integer"),
        ("backlogLimit: null", "f:1: backlogLimit: has no value; it must be an integer"),
        ("retention: 'P7D'", #"f:1: retention: "P7D" is not a duration: a positive number with ms, s, m, h or d, such as 60s or 1.5h"#),
        // Maps and lists
        ("payment: {declinedUsers: 2}", "f:1: payment.declinedUsers: must be a list of integers, but is an integer"),
        ("payment: {declinedUsers: [[1]]}", "f:1: payment.declinedUsers.0: must be an integer, not a list"),
        ("payment: {declinedUsers: [~]}", "f:1: payment.declinedUsers.0: has no value; it must be an integer"),
        ("inventory: {initialStock: [1]}", "f:1: inventory.initialStock: must be a map of product ids to numbers, but is a list"),
        (
            "inventory: {initialStock: {a: 1}}",
            #"f:1: inventory.initialStock: the product id "a" is not an integer (1 to 9007199254740991)"#
        ),
        ("inventory: {initialStock: {0: 1}}", "f:1: inventory.initialStock: the product id 0 is out of range (1 to 9007199254740991)"),
        (
            "inventory: {initialStock: {1: 9007199254740992}}",
            "f:1: inventory.initialStock.1: 9007199254740992 is out of range (0 to 9007199254740991)"
        ),
        ("inventory: {initialStock: {1: }}", "f:1: inventory.initialStock.1: has no value; it must be an integer"),
        ("inventory: {initialStock: {1: 1, '1': 2}}", "f:1: inventory.initialStock.1: given twice, first in line 1"),
        ("kafka:\n  properties: x", "f:2: kafka.properties: must be a map of librdkafka properties, but is a string"),
        ("kafka: {properties: {a: [1]}}", "f:1: kafka.properties.a: must be a string, number or boolean, but is a list"),
        ("kafka: {properties: {a: }}", "f:1: kafka.properties.a: must be a string, number or boolean, but is empty"),
        ("kafka: {properties: {'': 1}}", "f:1: kafka.properties: a property needs a name"),
        // Keys
        ("port: 1", "f:1: port: unknown key; there may be \(ConfigurationSchema.names(in: []).joined(separator: ", "))"),
        (
            "order.http.port: 1",
            "f:1: order.http.port: unknown key; there may be \(ConfigurationSchema.names(in: []).joined(separator: ", "))"
        ),
        ("kafka: {bootstrap_servers: a}", "f:1: kafka.bootstrap_servers: unknown key; did you mean bootstrapServers?"),
        ("order:\n  http:\n    prot: 1", "f:3: order.http.prot: unknown key; did you mean port?"),
        ("logLevel: info\n\nlogLevel: debug", "f:3: logLevel: given twice, first in line 1"),
        ("order: {http: {port: 1,\n port: 1}}", "f:2: order.http.port: given twice, first in line 1"),
        ("\"a\\nb\": 1", "f:1: a\\u{a}b: unknown key; there may be \(ConfigurationSchema.names(in: []).joined(separator: ", "))"),
        // Values
        ("transport: pigeon", #"f:1: transport: "pigeon" is not one of direct, kafka"#),
        ("kafka: {partitions: 10001}", "f:1: kafka.partitions: 10001 is out of range (1 to 10000)"),
        ("backlogLimit: 0", "f:1: backlogLimit: 0 is out of range (1 to 9007199254740991)"),
        ("order: {http: {host: a b}}", #"f:1: order.http.host: "a b" is not a host name or address, such as 127.0.0.1"#),
    ])
    func `a mistake in the file is told in one line`(yaml: String, problem: String) {
        #expect(problems(yaml) == [problem])
    }

    @Test(arguments: ["0x1F", "1_000", "1e3", "010", "0o17", "+5", "-0", "1.0", "5 6", "--5"])
    func `an integer is written in plain decimal`(text: String) {
        #expect(
            problems("order: {http: {port: \(text)}}") == ["f:1: order.http.port: \(text) is not an integer in plain decimal (1 to 65535)"])
        #expect(problems("inventory: {initialStock: {\(text): 1}}").count == 1)
    }

    @Test(arguments: ["0", "-1", "65536", "9223372036854775808", "-9223372036854775809"])
    func `a port is from 1 to 65535`(text: String) {
        #expect(problems("order: {http: {port: \(text)}}") == ["f:1: order.http.port: \(text) is out of range (1 to 65535)"])
    }

    @Test func `a port in quotes is a string`() {
        #expect(
            problems("order: {http: {port: \"8081\"}}") == [
                #"f:1: order.http.port: "8081" is a string, not an integer (1 to 65535); leave out the quotes"#
            ])
    }

    @Test(arguments: ["''", ".", "..", "a/b", "ä", "'a\\n'", String(repeating: "a", count: 250)])
    func `a topic has a name that a broker accepts`(name: String) {
        let problems = problems("kafka: {topics: {order: \(name)}}")
        #expect(problems.count == 1 && problems[0].contains("is not a topic name"), "\(problems)")
    }

    @Test func `a topic may have 249 characters`() throws {
        let name = String(repeating: "a", count: 249)
        #expect(try load("kafka: {topics: {order: \(name)}}").kafka.topics[.order] == name)
    }

    @Test(arguments: ["''", "a/b", "a b", "ä", String(repeating: "a", count: 101)])
    func `a prefix of groups is a plain name`(prefix: String) {
        let problems = problems("kafka: {groupPrefix: \(prefix)}")
        #expect(problems.count == 1 && problems[0].contains("kafka.groupPrefix"), "\(problems)")
    }

    @Test func `topics are distinct`() {
        #expect(
            problems("kafka:\n  topics:\n    order: x\n    payment: x") == [
                #"f:4: kafka.topics.payment: "x" is the topic of order too; each service needs one of its own"#
            ])
        #expect(
            problems("kafka:\n  topics:\n    order: payment-events") == [
                #"f:3: kafka.topics.order: "payment-events" is the topic of payment too; each service needs one of its own"#
            ])
        #expect(
            problems("", ["SAGAD_KAFKA_TOPICS_PAYMENT": "order-events"]) == [
                #"SAGAD_KAFKA_TOPICS_PAYMENT: kafka.topics.payment: "order-events" is the topic of order too; "#
                    + "each service needs one of its own"
            ])
    }

    @Test func `the kafka transport needs brokers`() {
        let remedy = "kafka.bootstrapServers: is required with transport: kafka, such as 127.0.0.1:9092"
        #expect(problems("\ntransport: kafka") == ["f:2: \(remedy)"])
        #expect(problems("transport: kafka\nkafka:\n  bootstrapServers: ''") == ["f:3: \(remedy)"])
        #expect(problems("", ["SAGAD_TRANSPORT": "kafka"]) == ["SAGAD_TRANSPORT: \(remedy)"])
        #expect(problems("transport: direct") == [])
        // Told together with what has nothing to do with it, but not on top of its own mistake.
        #expect(problems("transport: kafka\nlogLevel: 1").count == 2)
        #expect(problems("transport: kafka\nkafka: {bootstrapServers: 1}").count == 1)
    }

    @Test func `PostgreSQL needs a connection string, and kafka`() {
        let remedy = "is required with store.kind: postgresql, such as \"host=db.example.com dbname=sagad_{service} user=sagad\""
        let kafka = "transport: kafka\nkafka: {bootstrapServers: b}\n"
        #expect(problems("\(kafka)store: {kind: postgresql}") == ["f:3: store.connection: \(remedy)"])
        #expect(problems("\(kafka)store: {kind: postgresql, connection: dbname=a}") == [])
        #expect(
            problems("store: {kind: postgresql, connection: dbname=a}") == [
                "f:1: store.kind: postgresql needs transport: kafka; with direct events travel between processes of one host"
            ])
        #expect(problems("store: {kind: mysql}").count == 1)
    }

    @Test func `the sockets below the runtime directory fit a socket address`() throws {
        let longest = "/" + String(repeating: "r", count: 84)
        #expect("\(longest)/inventory/events.sock".utf8.count == 107)
        #expect(try load("runtimeDirectory: \(longest)").runtimeDirectory == longest)
        #expect(
            problems("runtimeDirectory: \(longest)r") == [
                "f:1: runtimeDirectory: is 86 bytes long; at most 85 leave room for <runtimeDirectory>/inventory/events.sock"
                    + " in the 107 bytes of a Unix socket's address"
            ])
        #expect(problems("runtimeDirectory: run").count == 1)
    }

    @Test func `properties of librdkafka pass through, those of the daemons too`() throws {
        let yaml = "kafka: {properties: {group.id: g, enable.auto.offset.store: True, queue.buffering.max.ms: 0x1F, x: 1e3, y: yes}}"
        #expect(
            try load(yaml).kafka.properties == [
                "group.id": "g", "enable.auto.offset.store": "true", "queue.buffering.max.ms": "0x1F", "x": "1e3", "y": "yes",
            ])
    }
}
