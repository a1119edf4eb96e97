package import NIOCore
import Ownership
package import Saga
package import SagaStore
import ServiceLifecycle
package import Systemd
package import Transport

/// The embedded transport for one host: each daemon serves its outbox on the Unix socket `events.sock`, its peers follow it.
///
/// The outbox is the log and the follower's position, saved together with the effects, the only bookmark: there is no broker and
/// nothing to lose between them. A waiting peer is sent a new event at once. The wire format is in `DirectProtocol`.
///
/// After a graceful shutdown it stops following, gives its own followers up to two seconds to take what is there, and closes.
package final class DirectTransport: Transport {
    private let server: DirectServer
    private let followers: [DirectFollower]
    private let path: String
    private static let drainTime = TimeAmount.seconds(2)

    /// - Parameters:
    ///   - socketPath: where each service's `events.sock` is.
    ///   - log: restored from the same database.
    ///   - topics: under which names the events of a topic are handed to the consumer.
    ///   - patience: how long the other side of a new connection may say nothing.
    ///   - report: called with what happens, from any thread.
    package init(
        service: ServiceName, socketPath: (ServiceName) -> String, database: Database, log: OutboxLog, consumer: any EventConsumer,
        topics: (Topic) -> String, eventLoopGroup: any EventLoopGroup, patience: TimeAmount = .seconds(5),
        report: @escaping @Sendable (DirectEvent) -> Void
    ) {
        path = socketPath(service)
        let followers = Choreography.subscriptions(of: service).map { topic in
            let follower = DirectFollower(
                service: service, peer: topic.owner, path: socketPath(topic.owner), topic: topics(topic), database: database,
                consumer: consumer, eventLoop: eventLoopGroup.next(), patience: patience, report: report)
            return (peer: topic.owner, follower: follower)
        }
        self.followers = followers.map(\.follower)
        server = DirectServer(
            service: service, database: database, log: log, eventLoopGroup: eventLoopGroup, patience: patience, report: report,
            followerWasSeen: { peer in
                for (name, follower) in followers where name == peer { follower.peerWasSeen() }
            })
    }

    /// Makes the socket, so that it is known early when that fails.
    ///
    /// - Throws: `UnixSocketError`, which names the path; `UntrustedPath` where a peer's socket could be somebody else's.
    package func bind() async throws {
        for follower in followers { try follower.checkPath() }
        try await server.bind(path)
    }

    package func run() async throws {
        if !server.isBound { try await bind() }
        try await withThrowingTaskGroup { group in
            group.addTask { await self.server.run() }
            defer { group.cancelAll() }
            try await follow()
            await server.drain(atMost: DirectTransport.drainTime)
        }
    }

    package var status: TransportStatus {
        TransportStatus(
            kind: "direct", isConnected: followers.allSatisfy(\.isConnected),
            lags: Dictionary(uniqueKeysWithValues: followers.map { ($0.peer, $0.lag) }),
            problems: followers.flatMap(\.problems))
    }

    /// The followers live on event loops, which the daemon asks itself.
    package var vitals: [WatchdogVital] { [] }

    /// There is nothing to wait for: a peer that is away is known to be.
    package func settled() async {}

    private func follow() async throws {
        try await withThrowingTaskGroup { group in
            for follower in followers {
                group.addTask { try await follower.run() }
            }
            // The first that fails ends the others and the daemon; `waitForAll` would wait for the others before it says so.
            for try await _ in group {}
        }
    }
}
