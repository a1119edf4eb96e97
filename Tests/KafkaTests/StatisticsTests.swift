import Testing

@testable import Kafka

@Suite struct StatisticsTests {
    @Test func `brokers are counted once, and not as the addresses that were named`() {
        let json = #"""
            { "brokers":{ "a:1/bootstrap": { "name":"a:1/bootstrap", "nodeid":-1, "state":"INIT" },
            "a:1/0": { "nodeid":0, "state":"DOWN" }, "b:1/1": { "nodeid":1, "state":"UP" }, "c:1/2": { "nodeid":2, "state":"UP" },
            "GroupCoordinator": { "nodeid":1, "state":"UP" } } }
            """#
        #expect(Statistics.brokers(json) == 3)
        #expect(Statistics.brokers("{}") == 0)
    }
}
