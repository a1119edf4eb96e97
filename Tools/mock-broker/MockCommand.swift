/// One line of input.
///
///     topic NAME PARTITIONS             create a topic
///     topic-error NAME ERROR            say this of the topic when asked for metadata; 0 ends it
///     errors API ERROR COUNT            the next COUNT requests of that kind fail
///     delay API BROKER MS COUNT         the next COUNT are carried out, but answered only after MS milliseconds
///     rtt BROKER MS                     every answer of the broker takes so long; 0 ends it
///     down BROKER | up BROKER           refuse connections, accept them again
///     leader TOPIC PARTITION BROKER     make the broker the leader; -1 for none
///     clear API                         forget the errors that are left
///
/// API is a name such as `produce` (see `RequestKind`), ERROR a name or number of Kafka's protocol guide; `_TRANSPORT` disconnects.
struct MockCommand {
    private let words: [String]

    init(_ line: String) {
        words = line.split(separator: " ").map(String.init)
    }

    func run(on cluster: borrowing MockCluster) throws(Refusal) {
        switch (words.first, words.count) {
        case ("topic", 3):
            try cluster.createTopic(words[1], partitions: number(2))
        case ("topic-error", 3):
            try cluster.setTopicError(words[1], words[2])
        case ("errors", 4):
            try cluster.fail(kind(1), with: words[2], times: number(3))
        case ("delay", 5):
            for _ in 0..<(try number(4)) { try cluster.delay(kind(1), broker: number(2), milliseconds: number(3)) }
        case ("rtt", 3):
            try cluster.setRoundTrip(broker: number(1), milliseconds: number(2))
        case ("down", 2):
            try cluster.setDown(broker: number(1))
        case ("up", 2):
            try cluster.setUp(broker: number(1))
        case ("leader", 4):
            try cluster.setLeader(topic: words[1], partition: number(2), broker: number(3))
        case ("clear", 2):
            cluster.clearErrors(of: try kind(1))
        default:
            throw Refusal("no such command: \(words.joined(separator: " "))")
        }
    }

    private func number(_ index: Int) throws(Refusal) -> Int32 {
        guard let number = Int32(words[index]) else { throw Refusal("not a number: \(words[index])") }
        return number
    }

    private func kind(_ index: Int) throws(Refusal) -> RequestKind {
        guard let kind = RequestKind.named[words[index]] else { throw Refusal("no such request: \(words[index])") }
        return kind
    }
}

/// The API keys of Kafka's protocol guide that matter here.
enum RequestKind: Int16 {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case initProducerID = 22

    static let named: [String: RequestKind] = [
        "produce": .produce, "fetch": .fetch, "list-offsets": .listOffsets, "metadata": .metadata,
        "offset-commit": .offsetCommit, "offset-fetch": .offsetFetch, "find-coordinator": .findCoordinator,
        "join-group": .joinGroup, "heartbeat": .heartbeat, "leave-group": .leaveGroup, "sync-group": .syncGroup,
        "init-producer-id": .initProducerID,
    ]
}
