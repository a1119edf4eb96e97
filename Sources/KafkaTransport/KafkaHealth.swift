import Kafka
import Transport

/// The two clients of librdkafka that the transport has.
enum KafkaClient {
    case producer, consumer
}

/// What the events of producer and consumer say of how the transport does.
struct KafkaHealth {
    private let bootstrapServers: String
    private let group: String
    private var connected: Set<KafkaClient> = []
    private var outage: String?
    /// Why there is no connection, in the library's words; what can be mended is kept before what passes.
    private var cause: KafkaError?
    private let started: ContinuousClock.Instant
    /// Since when the group has given this member no share; nil while it has one, which may be empty.
    private var unassignedSince: ContinuousClock.Instant?
    /// The latest trouble of the consumer, which it may have overcome.
    private var trouble: KafkaError?

    /// The topics of which no more is read.
    private var waiting: Set<String> = []

    /// How long a group may take to admit a member before that is worth a word; the first join takes a broker three seconds.
    static let joining: Duration = .seconds(8)

    /// How long nothing is said of brokers of which nothing is known yet.
    private static let connecting: Duration = .seconds(3)

    init(bootstrapServers: String, group: String, now: ContinuousClock.Instant = .now) {
        self.bootstrapServers = bootstrapServers
        self.group = group
        started = now
        unassignedSince = now
    }

    var isConnected: Bool { connected.count == 2 }

    /// A broker has answered before the group is joined; so both clients reach one, which they would only say after seconds.
    mutating func reached(now: ContinuousClock.Instant = .now) {
        connected = [.producer, .consumer]
        (outage, cause) = (nil, nil)
        unassignedSince = now
    }

    /// In words for the operator.
    func problems(now: ContinuousClock.Instant = .now) -> [String] {
        var problems: [String] = []
        if !isConnected, outage != nil || started.duration(to: now) >= Self.connecting {
            problems.append("no Kafka broker answers at \(bootstrapServers)\(reason.map { ": \($0)" } ?? "")")
        }
        if connected.contains(.consumer), let unassignedSince, unassignedSince.duration(to: now) >= Self.joining {
            problems.append("the consumer group \(group) cannot be joined\(trouble.map { ": \($0)" } ?? "")")
        }
        return problems + waiting.sorted().map(TransportStatus.noRoom)
    }

    private var reason: String? {
        guard let cause else { return outage }
        return cause.connectionAdvice.map { "\($0): \(cause)" } ?? "\(cause)"
    }

    /// How long it may still take to join the group before the consumer is to be made anew: librdkafka 2.0.2 never finds the coordinator
    /// of a group again whose address has changed.
    func untilGivenUp(now: ContinuousClock.Instant = .now) -> Duration {
        guard connected.contains(.consumer), let unassignedSince else { return Self.giveUp }
        return max(Self.giveUp - unassignedSince.duration(to: now), .zero)
    }

    private static let giveUp: Duration = .seconds(30)

    mutating func note(_ event: KafkaEvent, of client: KafkaClient, now: ContinuousClock.Instant = .now) {
        switch event {
        case .connected:
            connected.insert(client)
            // After an outage it has to join again; at the start it has been at it all along.
            if client == .consumer, outage != nil, unassignedSince != nil { unassignedSince = now }
            if isConnected { (outage, cause) = (nil, nil) }
        case .disconnected(let reason):
            connected.remove(client)
            outage = reason
        case .assigned:
            unassignedSince = nil
            trouble = nil
        case .revoked:
            unassignedSince = now
        case .waiting(let topics):
            waiting = topics
        case .error(let error):
            if client == .consumer { trouble = error }
            if error.isOfConnection, cause?.connectionAdvice == nil || error.connectionAdvice != nil { cause = error }
        case .partlyAssigned, .refused, .granted, .fatal, .discontinuity, .handled, .log:
            break
        }
    }
}
