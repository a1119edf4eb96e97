import Saga

/// The transport `direct`: each service follows the outbox of each other, from the position it saved along with the effects.
final class DirectNetwork: Network {
    private let links: [DirectLink]

    init(_ world: World) {
        links = world.nodes.flatMap { follower in
            Choreography.subscriptions(of: follower.service).map { topic in
                DirectLink(owner: world.node(topic.owner), follower: follower, world: world)
            }
        }
        for link in links { link.connectSoon() }
    }

    static func followers(of service: ServiceName) -> [String] {
        Choreography.subscribers(of: service).map(\.rawValue)
    }

    func outboxGrew(at node: Node) {
        for link in links where link.owner === node { link.sendSoon() }
    }

    func cutOff(_ node: Node) {
        for link in links where link.owner === node || link.follower === node { link.disconnect() }
    }

    /// A connection breaks, with everything on its way.
    func fail(at node: Node) {
        for link in links where link.owner === node { link.disconnect() }
    }

    /// There are no groups of consumers.
    func rebalance(_: Node) -> Bool { false }

    /// There is no broker.
    func loseEverything() -> Bool { false }
    func recreateTopic(of _: Node) -> Bool { false }
    func trimTopic(of _: Node) -> Bool { false }

    /// Within a minute of reading housekeeping makes the position durable, and retention is longer than that.
    func published(by node: Node) throws -> Int64 {
        try links.filter { $0.owner === node }.map { try $0.savedPosition }.min() ?? 0
    }

    func checkRest() throws {
        for link in links { try link.checkRest() }
    }
}
