import Foundation
import Saga
import SagaTestSupport
import Testing

/// The two ways events travel, and a suite of daemons over either.
enum TestedTransport: String, CaseIterable, Sendable {
    case direct, kafka

    func run(_ settings: DaemonSuite.Settings = .patient, _ body: @Sendable (DaemonSuite) async throws -> Void) async throws {
        switch self {
        case .direct: try await DaemonSuite.run(settings) { try await body($0) }
        case .kafka:
            var kafka = KafkaSuite.Settings()
            kafka.daemons = settings
            try await KafkaSuite.run(kafka) { try await body($0.daemons) }
        }
    }
}

extension DaemonSuite.Settings {
    /// No deadline decides what a crash has only delayed.
    static var patient: Self {
        var settings = Self()
        settings.deadline = "10m"
        return settings
    }
}

/// Daemons that die, hang and come back while a client places orders: what was promised is kept, and nothing happens twice.
@Suite(.showingLogs) struct CrashTests {
    @Test(arguments: TestedTransport.allCases)
    func `Fault 8, all killed at once, again and again, under load: what was promised is kept, nothing happens twice, everything ends`(
        _ transport: TestedTransport
    ) async throws {
        try await transport.run { suite in
            try await suite.start(ServiceName.allCases)
            let load = OrderLoad(suite)
            for victims in ServiceName.allCases.map({ [$0] }) + [[ServiceName]](repeating: ServiceName.allCases, count: 3) {
                try await underLoad(load, 50) {
                    for victim in victims { try suite[victim].signal(SIGKILL) }
                    for victim in victims { try await suite[victim].ended() }
                    try await suite.start(victims)
                }
            }
            try await load.settle()
        }
    }

    @Test(arguments: TestedTransport.allCases)
    func `Fault 36, a hang: a daemon that is stopped for a while under load loses nothing`(_ transport: TestedTransport) async throws {
        try await transport.run { suite in
            try await suite.start(ServiceName.allCases)
            let load = OrderLoad(suite)
            for victim in [ServiceName.inventory, .payment] {
                try await underLoad(load, 30) {
                    try suite[victim].signal(SIGSTOP)
                    try await load.waitForAccepted(load.accepted.state.count + 5)
                    try suite[victim].signal(SIGCONT)
                }
            }
            try await underLoad(load, 20) {
                try suite[.order].signal(SIGSTOP)
                // Others notice nothing they could tell of, so only time can pass.
                try await Task.sleep(for: .milliseconds(300))
                try suite[.order].signal(SIGCONT)
            }
            try await load.settle()
        }
    }

    @Test(arguments: TestedTransport.allCases)
    func `Fault 22, SIGTERM while publishing: exit within 10 s, and nothing is lost`(
        _ transport: TestedTransport
    ) async throws {
        try await transport.run { suite in
            try await suite.start(ServiceName.allCases)
            let load = OrderLoad(suite)
            for victim in ServiceName.allCases {
                try await underLoad(load, 30) {
                    #expect(try await suite[victim].stop(within: .seconds(10)) == .code(0))
                    try await suite.start([victim])
                }
            }
            try await load.settle()
        }
    }

    @Test func `the daemons may be started in any order`() async throws {
        try await DaemonSuite.run(.patient) { suite in
            let load = OrderLoad(suite)
            for order in permutations(ServiceName.allCases) {
                for service in order {
                    try await suite.start(service)
                    if service == .order { try await load.place(3) }
                }
                for service in order { try await suite[service].stop() }
            }
            try await suite.start(ServiceName.allCases)
            try await load.settle()
        }
    }

    /// Places orders, and does something at a random moment while it does.
    private func underLoad(_ load: OrderLoad, _ count: Int, _ something: () async throws -> Void) async throws {
        let moment = load.accepted.state.count + Int.random(in: 1..<count / 2)
        async let placing: Void = load.place(count)
        try await load.waitForAccepted(moment)
        try await something()
        try await placing
    }

    private func permutations(_ services: [ServiceName]) -> [[ServiceName]] {
        guard !services.isEmpty else { return [[]] }
        return services.flatMap { first in permutations(services.filter { $0 != first }).map { [first] + $0 } }
    }
}
