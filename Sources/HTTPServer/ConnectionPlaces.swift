package import NIOCore
import Synchronization

/// The places for connections at one listener, and who must give one up when they are short.
///
/// Whoever comes gets in as long as there is a connection that nothing is done for: of the address that holds most, the one that has been
/// so for longest goes. Where all have requests at work, a few more get in for the sake of health probes; the rest is refused. The bytes
/// that clients ask for and do not take are bounded in the same way, all of them together.
package final class ConnectionPlaces: Sendable {
    /// Why a connection was closed or refused.
    package enum Refusal: String, Sendable, CaseIterable {
        /// All places are taken.
        case places
        /// Too much is not taken by those who asked for it.
        case memory
        /// Nothing was said for too long.
        case silence
    }

    fileprivate struct State {
        var connections: [ClientAddress: [ObjectIdentifier: ConnectionPlace]] = [:]
        var count = 0
        var unwritten: [ObjectIdentifier: (bytes: Int, place: ConnectionPlace)] = [:]
        var unwrittenSum = 0
        var lastShortage: (reason: Refusal, at: NIODeadline)?
    }

    package let name: String
    private let limit: Int
    private let unwrittenLimit: Int
    let farewell: TimeAmount
    let silence: TimeAmount
    let answered: @Sendable (AnsweredRequest) -> Void
    private let refused: @Sendable (Refusal) -> Void
    private let shortage: @Sendable (String) -> Void
    private let state = Mutex(State())
    /// Asked for every answer.
    private let stopping = Atomic(false)

    /// Beyond the limit, where nobody can give way; and so many health probes never have to.
    static let reserve = 16
    /// So large a part of the places is made free at once, since finding out who is needed least takes a look at all.
    private static let part = 64
    /// For which somebody who has just come is not sent away again, where others can be.
    private static let grace = TimeAmount.seconds(1)
    /// So long a limit counts as reached.
    private static let memory = TimeAmount.seconds(10)

    /// - Parameters:
    ///   - name: what the listener is called in metrics.
    ///   - limit: how many connections are held at a time.
    ///   - unwritten: how many bytes all clients together may leave untaken.
    ///   - farewell: when stopping: for clients that were just answered and will have sent their next request.
    ///   - silence: how long a client may say nothing at first.
    ///   - answered: called for each answer that goes out.
    ///   - refused: called for each connection that is closed or refused for a limit.
    ///   - shortage: called when a limit is reached, after a time in which it was not, with what an operator should know.
    package init(
        _ name: String, limit: Int, unwritten: Int = 64 << 20, farewell: TimeAmount = .milliseconds(500),
        silence: TimeAmount = .seconds(10), answered: @escaping @Sendable (AnsweredRequest) -> Void = { _ in },
        refused: @escaping @Sendable (Refusal) -> Void = { _ in },
        shortage: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.name = name
        self.limit = limit
        unwrittenLimit = unwritten
        self.farewell = farewell
        self.silence = silence
        self.answered = answered
        self.refused = refused
        self.shortage = shortage
    }

    // MARK: Coming and going

    /// Called where a connection is accepted, before anything is read. It leaves when it is closed.
    package func enter(_ channel: any Channel) {
        let address = ClientAddress(channel.remoteAddress)
        let (place, victims) = state.withLock { state in
            let victims = state.count + 1 >= limit ? state.leastNeeded(max(1, limit / ConnectionPlaces.part), at: .now()) : []
            let place = ConnectionPlace(channel, of: address, isExtra: state.count >= limit && victims.isEmpty)
            state.connections[address, default: [:]][ObjectIdentifier(channel)] = place
            state.count += 1
            return (place, victims)
        }
        for victim in victims {
            note(.places)
            victim.giveWay()
        }
        channel.closeFuture.whenComplete { _ in self.leave(place) }
    }

    private func leave(_ place: ConnectionPlace) {
        let id = ObjectIdentifier(place.channel)
        state.withLock { state in
            state.connections[place.address]?[id] = nil
            if state.connections[place.address]?.isEmpty == true { state.connections[place.address] = nil }
            state.count -= 1
            state.unwrittenSum -= state.unwritten.removeValue(forKey: id)?.bytes ?? 0
        }
    }

    func place(of channel: any Channel) -> ConnectionPlace? {
        let (address, id) = (ClientAddress(channel.remoteAddress), ObjectIdentifier(channel))
        return state.withLock { $0.connections[address]?[id] }
    }

    /// Accepting must pause.
    var areExhausted: Bool { state.withLock { $0.count >= limit + ConnectionPlaces.reserve } }

    /// Somebody is in who may not stay, unless it is a health probe.
    var areOverdrawn: Bool { state.withLock { $0.count > limit } }

    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Every connection ends with the answer it waits for, also those that come later.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        let all = state.withLock { $0.connections.values.flatMap(\.values) }
        for place in all { place.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    // MARK: Shortage

    /// What a client has asked for and does not take, as it is now.
    func unwritten(_ bytes: Int, of place: ConnectionPlace) {
        let id = ObjectIdentifier(place.channel)
        let victim: ConnectionPlace? = state.withLock { state in
            // A connection that has left may still be closing.
            guard state.connections[place.address]?[id] != nil else { return nil }
            state.unwrittenSum += bytes - (state.unwritten[id]?.bytes ?? 0)
            state.unwritten[id] = bytes == 0 ? nil : (bytes, place)
            return state.unwrittenSum > unwrittenLimit ? state.mostUntaken : nil
        }
        guard let victim else { return }
        note(.memory)
        victim.giveWay()
    }

    func note(_ reason: Refusal) {
        refused(reason)
        // Whoever says nothing is no sign of a shortage.
        guard reason != .silence else { return }
        let isKnown = condition != nil
        state.withLock { $0.lastShortage = (reason, .now()) }
        if !isKnown, let condition { shortage(condition) }
    }

    // MARK: For operators

    package var count: Int { state.withLock { $0.count } }

    /// How many requests wait for something to happen.
    package var waiting: Int {
        state.withLock { state in
            state.connections.values.reduce(0) { $0 + $1.values.count { $0.condition == .waiting } }
        }
    }

    /// What an operator should know; nil while no limit is reached.
    package var condition: String? {
        guard let (reason, time) = state.withLock({ $0.lastShortage }), .now() - time < ConnectionPlaces.memory else { return nil }
        return switch reason {
        case .places: "all \(limit) places for \(name) connections are taken: those of the address that holds most give way"
        case .memory: "\(name) clients do not take what they ask for: of the address that leaves most, connections are closed"
        case .silence: nil
        }
    }
}

extension ConnectionPlaces.State {
    /// Of the address that holds most places, the connections that are needed least.
    fileprivate func leastNeeded(_ count: Int, at now: NIODeadline) -> [ConnectionPlace] {
        guard let all = connections.values.max(by: { $0.count < $1.count })?.values else { return [] }
        let areProbesSafe = all.count(where: \.isProbe) <= ConnectionPlaces.reserve
        return all.lazy
            .filter { !$0.isDisplaced && !(areProbesSafe && $0.isProbe) }
            .compactMap { place in ConnectionPlaces.rank(place, at: now).map { (place: place, rank: $0, since: place.since) } }
            .sorted { ($0.rank, $0.since) < ($1.rank, $1.since) }
            .prefix(count).map(\.place)
    }

    /// Of the address that leaves most untaken, the connection that has done so for longest.
    fileprivate var mostUntaken: ConnectionPlace? {
        let present = unwritten.values.lazy.filter { !$0.place.isDisplaced }
        var sums: [ClientAddress: Int] = [:]
        for (bytes, place) in present { sums[place.address, default: 0] += bytes }
        guard let address = sums.max(by: { $0.value < $1.value })?.key else { return nil }
        return present.filter { $0.place.address == address }.min { $0.place.since < $1.place.since }?.place
    }
}

extension ConnectionPlaces {
    /// Whoever has the lowest goes first, nil never.
    fileprivate static func rank(_ place: ConnectionPlace, at now: NIODeadline) -> Int? {
        if place.isGone { return 0 }
        return switch place.condition {
        case .silent, .idle, .arriving, .untaken: now - place.since >= grace ? 1 : 3
        case .waiting: 2
        case .working: nil
        }
    }
}
