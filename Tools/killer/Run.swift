import AdminAPI
import Foundation
import struct Saga.ServiceName
import SagaTestSupport

/// One run over one transport: a suite of real daemons, clients that keep them busy, a strike in each cycle; then rest, and judgement.
struct Run: Sendable {
    let schedule: Schedule
    let cycles: Int
    let rate: Double
    let progress: Progress

    private static let patience: Duration = .seconds(120)

    /// The daemons are gone when it returns; their directory too, unless something was wrong.
    func run() async throws -> RunReport {
        let broker = schedule.transport == .kafka ? try await KillableBroker() : nil
        defer { broker?.kill() }
        var settings = DaemonSuite.Settings()
        settings.deadline = "1h"  // decides nothing that a strike has only delayed
        settings.logLevel = "info"
        settings.initialStock = "{ " + Wish.initialStock.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + " }"
        settings.more = broker?.settings ?? ""
        return try await DaemonSuite.run(settings) { suite in
            var report = RunReport(schedule: schedule)
            do {
                try await run(suite, broker, &report)
            } catch {
                try Task.checkCancellation()
                report.failure = "\(error)"
            }
            if !report.hasPassed {
                suite.directory.keep()
                report.directory = suite.directory.path
            }
            return report
        }
    }

    private func run(_ suite: DaemonSuite, _ broker: KillableBroker?, _ report: inout RunReport) async throws {
        let begin = ContinuousClock.now
        let fleet = Fleet(suite)
        let history = History()
        let clients = Clients(service: suite.rest(.order), history: history, seed: schedule.seed, rate: rate)
        var striker = Striker(fleet: fleet, broker: broker)

        let struck: Result<Void, any Error> = try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            for service in ServiceName.allCases { try await fleet.launch(service) }
            group.addTask { try await clients.run() }
            let struck = await strike(&striker, fleet, history, &report)
            // Without its daemons nothing comes to rest, and no client to its answer.
            guard case .success = struck else { return struck }
            clients.stop()
            let stopped = ContinuousClock.now
            try await comeToRest(suite)
            report.quiescence = stopped.duration(to: .now)
            try await group.waitForAll()
            return struck
        }
        report.strikes = await fleet.strikes.merging(striker.strikes) { $0 + $1 }
        report.load = begin.duration(to: .now)
        defer { report.note(history.content) }
        report.violations = await fleet.oddities.map { Violation(invariant: .processes, text: $0) }
        try struck.get()

        // An answer that was still to come may have been to one more order.
        try await comeToRest(suite)
        try await clients.repeatAll()
        try await judge(suite, history, fleet, &report)
        for service in ServiceName.allCases { try await fleet.stop(service, killAfter: nil) }
        await fleet.measure()
        report.violations += await fleet.oddities.filter { !report.violations.map(\.text).contains($0) }
            .map { Violation(invariant: .processes, text: $0) }
        (report.ready, report.firstEvent, report.stop) = await (Spread(fleet.ready), Spread(fleet.firstEvent), Spread(fleet.stop))
    }

    private func strike(
        _ striker: inout Striker, _ fleet: Fleet, _ history: History, _ report: inout RunReport
    ) async -> Result<Void, any Error> {
        do {
            try await fleet.recovered()
            for number in 1...cycles {
                try await striker.run(schedule.cycle(number))
                report.cycles = number
                // What has gone wrong is to be seen as it is.
                try await fleet.requireOrder()
                if history.hasOddities { break }
                progress.show("\(schedule.transport): cycle \(number) of \(cycles), \(history.promised) answers to orders")
            }
            try await fleet.recovered()
            try await fleet.requireOrder()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Returns when nobody has anything to tell and all orders have ended, or when that takes too long, which the judgement will tell of.
    private func comeToRest(_ suite: DaemonSuite) async throws {
        let end = ContinuousClock.now + Run.patience
        while ContinuousClock.now < end {
            if (try? await isAtRest(suite)) == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func isAtRest(_ suite: DaemonSuite) async throws -> Bool {
        for service in ServiceName.allCases {
            let status: ServiceStatus = try await suite.admin(service).decode("/status")
            guard status.state == .ready, status.outbox?.pending == 0, status.lag == 0, status.orders?["PENDING"] ?? 0 == 0 else {
                return false
            }
        }
        let stock: ProductList = try await suite.rest(.inventory).decode("/inventory")
        return stock.products.allSatisfy { $0.reserved == 0 }
    }

    /// What a daemon says of its lag may be a moment old, so a refund may still be under way: what is wrong gets another look.
    private func judge(_ suite: DaemonSuite, _ history: History, _ fleet: Fleet, _ report: inout RunReport) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let evidence = try await Evidence(from: suite, history: history, fleet: fleet)
            report.violations = Judgement(evidence).violations
            report.note(evidence.orders)
            if report.violations.isEmpty || ContinuousClock.now > end { return }
            try await Task.sleep(for: .seconds(1))
        }
    }
}

/// Why a run could not be brought to its end.
struct RunFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
