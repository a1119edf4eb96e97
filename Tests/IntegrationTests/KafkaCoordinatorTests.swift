import Saga
import SagaTestSupport
import Testing
import Wire

/// Group coordinators that move from broker to broker, as they do when brokers come, go, or take back what they prefer.
@Suite(.showingLogs) struct KafkaCoordinatorTests {
    @Test(arguments: ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"])
    func `Fault 42, a coordinator that has moved or is not there yet: no crash, and orders go on`(error: String) async throws {
        try await KafkaSuite.run(.patient()) { suite in
            // Of the requests that a daemon sends to a coordinator at its start, also for the groups that read its topic.
            for request in ["find-coordinator", "join-group", "sync-group", "offset-fetch"] {
                try await suite.broker.send("errors \(request) \(error) 6")
            }
            try await suite.daemons.start(ServiceName.allCases)
            let load = OrderLoad(suite.daemons)
            try await load.place(10)
            try await load.settle()
            for request in ["heartbeat", "offset-commit"] { try await suite.broker.send("errors \(request) \(error) 6") }
            try await load.place(10)
            try await load.settle()
            for service in ServiceName.allCases {
                try await eventually("\(service) ready") { try await suite.daemons.status(service)["state"]?.string == "ready" ? () : nil }
            }
        }
    }
}
