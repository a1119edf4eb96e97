import Testing

@testable import SagaConfiguration

@Suite struct ConfigurationTreeTests {
    @Test func `the defaults are shown as JSON in the order of the schema`() {
        #expect(
            Configuration.default.effective().json == """
                {"stateDirectory":"/var/lib/sagad","runtimeDirectory":"/run/sagad","transport":"direct",\
                "kafka":{"bootstrapServers":"","partitions":12,"groupPrefix":"saga","properties":{},\
                "topics":{"order":"order-events","inventory":"inventory-events","payment":"payment-events"}},\
                "store":{"kind":"sqlite","connection":""},\
                "retention":"7d","orderRetention":"forever","deadLetters":{"limit":10000,"bytes":"256MiB"},\
                "tracing":{"otlpEndpoint":"","sampleRatio":1.0},\
                "backlogLimit":100000,"logLevel":"info","allowedHosts":[],\
                "order":{"http":{"host":"127.0.0.1","port":8081},"metrics":{"host":"127.0.0.1","port":0},"deadline":"1m",\
                "webhook":{"url":"","timeout":"5s","caFile":""}},\
                "inventory":{"http":{"host":"127.0.0.1","port":8082},"metrics":{"host":"127.0.0.1","port":0},\
                "initialStock":{"1":10,"2":5}},\
                "payment":{"http":{"host":"127.0.0.1","port":8083},"metrics":{"host":"127.0.0.1","port":0},\
                "gateway":{"kind":"simulated","url":"","timeout":"5s","caFile":""},"declinedUsers":[2]}}
                """)
    }

    @Test(arguments: Example.all)
    func `what is shown, read again, is the same configuration`(example: Example) throws {
        #expect(try load(example.expected.effective(hidingSecrets: false).json) == example.expected)
    }

    @Test(arguments: [
        "sasl.password", "ssl.key.password", "SSL.KEY.PASSWORD", "ssl.keystore.password", "ssl.key.pem", "ssl_key", "ssl.key.location",
        "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret", "sasl.jaas.config", "my-token",
    ])
    func `secrets are hidden unless asked for`(name: String) {
        let configuration = changed { $0.kafka.properties = [name: "hunter2", "client.id": "me"] }
        #expect(configuration.effective().json.contains(#""\#(name)":"***""#))
        #expect(configuration.effective().json.contains(#""client.id":"me""#))
        #expect(!configuration.effective().json.contains("hunter2"))
        #expect(configuration.effective(hidingSecrets: false).json.contains("hunter2"))
    }

    @Test func `any text is valid JSON`() throws {
        let text = "\"\\\n\t\u{1}\u{7F}é😀/\r\n"
        #expect(ConfigurationTree.string(text).json == "\"\\\"\\\\\\u000a\\u0009\\u0001\u{7F}é😀/\\u000d\\u000a\"")
        let configuration = changed { $0.kafka.properties = ["a": "\"\\\n\t\u{1}é😀"] }
        #expect(try load(configuration.effective().json) == configuration)
    }

    @Test func `printed as part of anything, it shows no secret`() {
        struct Holder { let configuration: Configuration }
        var configuration = Configuration.default
        configuration.kafka.properties = ["sasl.password": "hunter2"]
        configuration.kafka.credentials = ["ssl.key.password": "hunter3"]
        for text in ["\(Holder(configuration: configuration))", String(reflecting: Holder(configuration: configuration))] {
            #expect(!text.contains("hunter"), "\(text)")
        }
    }
}
