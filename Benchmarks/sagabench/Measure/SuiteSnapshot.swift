import AdminAPI
import NIOCore
import Saga

/// The state of a suite at one moment, as its daemons and the kernel tell it.
struct SuiteSnapshot: Sendable {
    let taken: NIODeadline
    let pending: Int
    let approved: Int
    let canceled: Int
    let outbox: Int
    let deadLetters: Int
    let usage: [String: ProcessUsage]
    /// Commits of each daemon since its start.
    let commits: [String: Int]
    let product: Product?

    var finished: Int { approved + canceled }
    var total: Int { pending + finished }

    /// - Parameter product: whose stock is looked at.
    static func take(of suite: BenchedSuite, product: Int64) async throws -> SuiteSnapshot {
        let status = try await suite.admin(.order).status()
        var commits: [String: Int] = [:]
        var letters = 0
        for service in ServiceName.allCases {
            // Also of the release before.
            let metrics = try await suite.admin(service).metrics()
            commits[service.rawValue] =
                value(of: "saga_commit_duration_seconds_count", in: metrics)
                ?? value(of: "saga_database_commits", in: metrics)
            letters += try await suite.admin(service).status().deadLetters ?? 0
        }
        let products = try await suite.admin(.inventory).products()
        return SuiteSnapshot(
            taken: .now(), pending: status.orders?["PENDING"] ?? 0, approved: status.orders?["APPROVED"] ?? 0,
            canceled: status.orders?["CANCELED"] ?? 0, outbox: status.outbox?.pending ?? 0, deadLetters: letters,
            usage: usage(of: suite), commits: commits, product: products.first { $0.productId == product })
    }

    static func usage(of suite: BenchedSuite) -> [String: ProcessUsage] {
        Dictionary(
            uniqueKeysWithValues: suite.processes.compactMap { process in
                ProcessUsage(of: process.pid).map { (process.name, $0) }
            })
    }

    /// A sample in Prometheus' text format, of a metric without labels.
    private static func value(of metric: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(metric + " ") }.flatMap { Double($0.dropFirst(metric.count + 1)) }.map { Int($0) }
    }
}
