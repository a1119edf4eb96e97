import Saga
import SagaTestSupport
import Testing
import Wire

/// What a broker has not, or does not let everybody do. The mock broker knows neither access control nor requests to create topics; it
/// is made to refuse as a broker does that knows them.
@Suite(.showingLogs) struct KafkaTopicTests {
    @Test func `Fault 43, a topic that is lost while running is noticed, named, and missed no longer when it is there again`() async throws
    {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.daemons.start(ServiceName.allCases)
            try await suite.broker.send("topic-error payment-events UNKNOWN_TOPIC_OR_PART")
            for service in ServiceName.allCases {
                try await suite.reason(of: service, "topic payment-events is missing, and the broker cannot be asked to create it")
            }
            try await suite.broker.send("topic-error payment-events 0")
            let load = OrderLoad(suite.daemons)
            try await load.place(5)
            try await load.settle()
            for service in ServiceName.allCases { try await suite.ready(service) }
        }
    }

    @Test func `Fault 44, authorization refused: every missing right is named with who lacks it, and orders flow when it is given`()
        async throws
    {
        try await KafkaSuite.run(.patient()) { suite in
            try await suite.broker.send("errors offset-fetch GROUP_AUTHORIZATION_FAILED 100000")
            try await suite.broker.send("errors fetch TOPIC_AUTHORIZATION_FAILED 100000")
            try await suite.broker.send("errors produce TOPIC_AUTHORIZATION_FAILED 100000")
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(5)
            // The groups are asked by one that has nothing to publish: a producer that is made anew all the time looks at nothing.
            let rights: [(ServiceName, String)] = [
                (.order, "Write on topic order-events"), (.order, "Read on topic payment-events"),
                (.inventory, "Describe on group saga-order"),
            ]
            for (service, right) in rights {
                try await suite.reason(of: service, "User:ANONYMOUS lacks the right \(right): kafka-acls.sh --add")
            }
            let log = try suite.daemons[.order].log
            let lines = log.split(separator: "\n").filter { $0.contains("producer is made anew") && $0.contains(" error ") }
            #expect(lines.count == 1, "said once, not with every try")
            for request in ["offset-fetch", "fetch", "produce"] { try await suite.broker.send("clear \(request)") }
            try await load.settle()
            for service in ServiceName.allCases { try await suite.ready(service) }
        }
    }

    @Test func `Fault 44, a topic that may not be looked at is said to lack that right, not to be missing`() async throws {
        try await KafkaSuite.run(.patient()) { suite in
            // Its own: the group that reads the others is another matter.
            try await suite.broker.send("topic-error inventory-events TOPIC_AUTHORIZATION_FAILED")
            try await suite.daemons.start(.inventory)
            try await suite.reason(
                of: .inventory,
                "topic inventory-events cannot be looked at: User:ANONYMOUS lacks the right Describe on topic inventory-events")
            try await suite.broker.send("topic-error inventory-events 0")
            try await suite.ready(.inventory)
        }
    }
}

extension KafkaSuite {
    fileprivate func reason(of service: ServiceName, _ text: String) async throws {
        try await eventually("\(service) says: \(text)") {
            try await daemons.status(service)["reasons"]?.array?.contains { $0.string?.contains(text) == true } == true ? () : nil
        }
    }

    fileprivate func ready(_ service: ServiceName) async throws {
        try await eventually("\(service) ready", within: .seconds(45)) {
            try await daemons.status(service)["state"]?.string == "ready" ? () : nil
        }
    }
}
