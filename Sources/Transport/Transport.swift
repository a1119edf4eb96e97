package import Saga
package import SagaStore
package import ServiceLifecycle
package import Systemd

/// Carries events between the services. Nothing above it knows which one runs.
///
/// Outgoing, it follows the `OutboxLog` and acknowledges there what has safely reached the others. Incoming, it hands records, in
/// order, to an `EventConsumer` and forgets them only when that has returned. `run` returns after a graceful shutdown: it stops
/// taking work, finishes what is in hand, and leaves the rest in the outbox.
package protocol Transport: Service {
    var status: TransportStatus { get }

    /// What the watchdog asks to see whether events are still carried.
    var vitals: [WatchdogVital] { get }

    /// Returns when it is subscribed, or known not to reach its peers for now.
    func settled() async
}

package struct TransportStatus: Sendable, Equatable {
    /// `direct` or `kafka`.
    package var kind: String
    /// Everything it needs can be reached.
    package var isConnected: Bool
    /// Events of each of the others that are known to exist and are not yet applied here; nil while that is not known.
    package var lags: [ServiceName: Int64]?
    /// What is not as it should be, in words for the operator.
    package var problems: [String]

    package init(kind: String, isConnected: Bool, lags: [ServiceName: Int64]?, problems: [String]) {
        self.kind = kind
        self.isConnected = isConnected
        self.lags = lags
        self.problems = problems
    }

    /// Said of a topic whose records there is no room for.
    package static func noRoom(for topic: String) -> String {
        "no more of \(topic) is read, so many dead letters wait: sagactl dead-letters"
    }

    /// How long a topic whose records there is no room for waits before they are offered again.
    package static let roomInterval: Duration = .seconds(1)

    /// Of all of them together.
    package var lag: Int64? { lags.map { $0.values.reduce(0, +) } }
}

/// Where a transport takes the records it receives.
package protocol EventConsumer: Sendable {
    /// Handles records of one source in order and returns when their effects are durable.
    ///
    /// Retries for as long as the database cannot be written. Records that cannot be handled become dead letters and are no reason
    /// to throw.
    /// - Parameter position: how far into the source's log the records reach; saved in the same transaction as the last of them.
    /// - Returns: the indices of those that were not handled, as so many dead letters wait that there is no room for more. Of a topic they
    ///   are all from the first such record on, to be offered again.
    /// - Throws: `CancellationError`, or the error that ended the database; nothing of the records was written then.
    func consume(_ records: [IncomingRecord], position: (source: ServiceName, LogPosition)?) async throws -> Set<Int>
}
