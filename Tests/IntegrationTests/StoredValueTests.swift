import Foundation
import Saga
import SagaStore
import Store
import SagaTestSupport
import ServiceTestSupport
import Testing

/// What is in a service's own tables and is not of this version: the daemon ends, says what it found, and has answered nobody with a guess.
@Suite(.showingLogs) struct StoredValueTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var service: ServiceName
        var change: String
        /// What the message is to name.
        var found: String
        var path: String
        var testDescription: String { change }
    }

    static let cases = [
        Case(service: .order, change: "orders SET status = 7", found: "status = 7", path: "/orders/ORDER"),
        Case(service: .order, change: "orders SET status = 2, reason = 'FRAUD'", found: "reason = 'FRAUD'", path: "/orders"),
        Case(service: .order, change: "orders SET status = 2, reason = NULL", found: "reason = NULL", path: "/orders/ORDER?wait=5s"),
        Case(service: .order, change: "orders SET inventory = 9", found: "inventory = 9", path: "/orders/ORDER"),
        Case(service: .order, change: "orders SET payment = 9", found: "payment = 9", path: "/orders/ORDER"),
        Case(service: .order, change: "orders SET quantity = 0", found: "quantity = 0", path: "/orders/ORDER"),
        Case(service: .inventory, change: "reservation SET status = 'HELD'", found: "status = 'HELD'", path: "/reservations/ORDER"),
        Case(service: .inventory, change: "reservation SET failure = 'LATE'", found: "failure = 'LATE'", path: "/reservations/ORDER"),
        Case(service: .inventory, change: "stock SET available = -1", found: "available = -1", path: "/inventory"),
        Case(service: .payment, change: "payment SET status = 'HELD'", found: "status = 'HELD'", path: "/payments"),
        Case(service: .payment, change: "payment SET failure = 'LATE'", found: "failure = 'LATE'", path: "/payments/ORDER"),
        Case(service: .payment, change: "payment SET payment_id = x'00'", found: "payment_id = a blob of 1 bytes", path: "/payments/ORDER"),
    ]

    @Test(arguments: cases)
    func `Fault 51, a value in the database that this version does not know: 65, never a trap, never a guess`(
        _ unknown: Case
    ) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let id = try await RESTClient(.order).place()
            _ = try await RESTClient(.order).decided(id)
            try await RESTClient(.inventory).get("/reservations/\(id)", until: "COMMITTED")
            let connection = try SQLiteConnection(path: suite.stateDirectory(of: unknown.service) + "/saga.db", role: .writer)
            try connection.execute("UPDATE " + unknown.change)

            let path = unknown.path.replacingOccurrences(of: "ORDER", with: id)
            // The process ends while it answers, so there may be no answer.
            let answer = try? await suite.rest(unknown.service).get(path)
            #expect(answer?.status ?? 503 == 503)
            let outcome = try await suite[unknown.service].ended()
            #expect(outcome.exit == .code(65))
            #expect(outcome.errors.contains(unknown.found))
        }
    }
}
