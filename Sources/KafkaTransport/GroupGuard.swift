import Kafka
import Saga
import Synchronization
import Transport

/// Sees to it that a daemon has its consumer group to itself: a second instance of its service, with a database of its own, would take a
/// share of the events and answer it from there.
///
/// Who comes second gives way. Before it joins it asks who is in the group; where nobody can say, or two come at the same moment, it
/// joins, reads nothing, and sees by the partitions it is given whether it is alone. The sessions of members that are no more have to
/// run out before anything is judged, its own former one among them.
final class GroupGuard: Sendable {
    private struct State {
        var isAdmitted = false
        var problem: String?
        var canAsk = true
        var judgement: Task<Void, Never>?
    }

    private let service: ServiceName
    private let group: String
    private let instance: String
    private let firstTopic: String
    private let properties: [String: String]
    private let patience: GroupPatience
    private let changed: @Sendable () -> Void
    private let state = Mutex(State())
    private let admission = AsyncStream<Void>.makeStream()
    private let findings = AsyncStream<AnotherInstance>.makeStream()

    private static let answerTimeout = Duration.seconds(1)
    private static let interval = Duration.milliseconds(500)

    /// - Parameters:
    ///   - instance: the name of this process' place in the group, which no other process may have at the same time.
    ///   - changed: called when `problem` has changed.
    init(
        service: ServiceName, group: String, instance: String, topics: [String], properties: [String: String],
        changed: @escaping @Sendable () -> Void
    ) {
        self.service = service
        self.group = group
        self.instance = instance
        firstTopic = topics.min() ?? ""
        self.properties = properties
        self.changed = changed
        patience = GroupPatience(properties: properties)
    }

    /// What keeps it from being the only one, or from knowing that, in words for the operator.
    var problem: String? { state.withLock { $0.problem } }

    var isAdmitted: Bool { state.withLock { $0.isAdmitted } }

    /// Whether somebody else is in the group, and it is not clear yet whether it still runs.
    var hasToWait: Bool { state.withLock { !$0.isAdmitted && $0.problem != nil } }

    /// Returns when `admit` has found nobody else, or that this cannot be known before joining; also when the task is canceled.
    func admitted() async {
        for await _ in admission.stream {}
    }

    // MARK: Before joining

    /// Waits until nobody else is in the group.
    /// - Parameters:
    ///   - isConnected: whether a broker is there, as far as others know.
    ///   - onAnswer: called each time one has answered.
    /// - Returns: how to take part in it.
    /// - Throws: `AnotherInstance` if somebody else stays there, or `CancellationError`.
    func admit(isConnected: () -> Bool, onAnswer: () -> Void) async throws -> KafkaMembership {
        var firstSeen: ContinuousClock.Instant?
        var unanswered: ContinuousClock.Instant?
        while true {
            do {
                let others = try await others()
                onAnswer()
                guard !others.isEmpty else { return join(as: instance) }
                let since = firstSeen ?? .now
                firstSeen = since
                if since.duration(to: .now) >= patience.session { throw finding(others) }
                note(
                    "\(others.text) in the consumer group \(group), in which a service has one instance: waiting until its session is over"
                )
            } catch let error as KafkaError {
                if error.isUnsupported {
                    onAnswer()
                    state.withLock { $0.canAsk = false }
                    return join(as: nil)
                }
                // Such as a missing right. What it is given will show it.
                guard error.isRetriable else { return join(as: instance) }
                // What was seen before says nothing of now: a coordinator that comes back gives every session its whole time again.
                firstSeen = nil
                note(nil)
                // Nor does joining do harm where the brokers cannot say for long who is there.
                unanswered = isConnected() ? unanswered ?? .now : nil
                if let unanswered, unanswered.duration(to: .now) >= patience.session { return join(as: instance) }
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func join(as name: String?) -> KafkaMembership {
        note(nil)
        state.withLock { $0.isAdmitted = true }
        admission.continuation.finish()
        return .sole(instance: name)
    }

    private func others() async throws(KafkaError) -> [KafkaGroupMember] {
        try await KafkaAdmin.members(of: group, properties: properties, timeout: Self.answerTimeout).filter {
            !$0.holds(instance)
        }
    }

    // MARK: In the group

    /// Returns when the task is canceled.
    /// - Throws: `AnotherInstance` when somebody else turns out to be there, and to have come first.
    func watch() async throws {
        for await finding in findings.stream { throw finding }
    }

    /// - Parameter started: when the consumer began to join.
    func note(_ event: KafkaEvent, started: ContinuousClock.Instant) {
        switch event {
        case .assigned, .revoked:
            judge(after: nil) {}
            note(nil)
        case .partlyAssigned(let share):
            note("the consumer group \(group) has given \(share.text) to this daemon and the rest to somebody else")
            if share.isRead {
                judge(after: .zero) { [self] in
                    let others = (try? await others()) ?? []
                    guard !others.isEmpty, !Task.isCancelled else { return }
                    note("\(others.text) in the consumer group \(group), too; this daemon is left with \(share.text)")
                }
            } else {
                let isFirst = share.assigned.contains(KafkaPartition(topic: firstTopic, partition: 0))
                judge(after: patience.untilJudged(isFirst: isFirst, wasAll: share.wasAll, started: started)) { [self] in
                    let others = state.withLock { $0.canAsk } ? try? await others() : nil
                    // Nobody else: it was given too little for another reason, and will be given more.
                    if others != [], !Task.isCancelled { findings.continuation.yield(finding(others ?? [], share)) }
                }
            }
        case .connected, .disconnected, .fatal, .error, .refused, .granted, .discontinuity, .waiting, .handled, .log:
            break
        }
    }

    /// In place of what was to be done before.
    private func judge(after delay: Duration?, _ body: @escaping @Sendable () async -> Void) {
        let task = delay.map { delay in
            Task {
                try? await Task.sleep(for: delay)
                if !Task.isCancelled { await body() }
            }
        }
        state.withLock { state in
            defer { state.judgement = task }
            return state.judgement
        }?.cancel()
    }

    private func finding(_ others: [KafkaGroupMember], _ share: KafkaShare? = nil) -> AnotherInstance {
        AnotherInstance(service: service, group: group, others: others, share: share)
    }

    private func note(_ problem: String?) {
        let isNews = state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNews { changed() }
    }
}

extension [KafkaGroupMember] {
    /// `client a at b is`, or more of them.
    var text: String { "\(map(\.description).joined(separator: ", ")) \(count == 1 ? "is" : "are")" }
}

extension KafkaShare {
    var text: String { "\(assigned.count) of \(total.map(String.init) ?? "an unknown number of") partitions" }
}
