/// The kinds of things that go wrong. Each counts how often it really happened.
package enum Fault: Int, CaseIterable, Sendable {
    // On the way
    case delay, reordering, duplicate, drop, partition, rebalance, lostAcknowledgement, producerFailure, brokerLoss, topicRecreated,
        topicTrimmed
    case repeatedOrder
    case staleDuplicate
    // In a process
    case crash, crashAfterBegin, crashBeforeCommit, crashAfterCommit, crashBeforePosition, crashAfterPosition, crashBeforeAnswer
    case commitFailure, clockForward, clockBack, retention, obstacle, parking
    // At the payment gateway
    case gatewayLate, gatewayNever, gatewayLoses, gatewayWrong, gatewayTwice
    // People
    case clientRetry, clientCancel, deadline, republish, retry, purge

    package var name: String {
        switch self {
        case .delay: "delay"
        case .reordering: "reordering across topics"
        case .duplicate: "duplicate"
        case .drop: "drop, sent again"
        case .partition: "a service cut off"
        case .rebalance: "rebalance, reading again from the last stored offset"
        case .lostAcknowledgement: "written, but the acknowledgement lost"
        case .producerFailure: "producer or connection failed"
        case .brokerLoss: "broker lost its data"
        case .topicRecreated: "topic made anew"
        case .topicTrimmed: "topic trimmed"
        case .repeatedOrder: "ORDER_CREATED again under a new id"
        case .staleDuplicate: "duplicate older than the inbox"
        case .crash: "crash at any moment"
        case .crashAfterBegin: "crash after begin"
        case .crashBeforeCommit: "crash before the commit"
        case .crashAfterCommit: "crash after the commit"
        case .crashBeforePosition: "crash before the position is stored"
        case .crashAfterPosition: "crash after the position is stored"
        case .crashBeforeAnswer: "crash after the commit, before the answer"
        case .commitFailure: "commit failed"
        case .clockForward: "clock jumped forward"
        case .clockBack: "clock jumped back"
        case .retention: "retention deleted rows"
        case .obstacle: "an event could not be handled"
        case .parking: "a later event of the order was parked"
        case .gatewayLate: "the gateway was late"
        case .gatewayNever: "the gateway did nothing and did not answer"
        case .gatewayLoses: "the gateway did it and did not answer"
        case .gatewayWrong: "the gateway did it and answered something else"
        case .gatewayTwice: "the gateway answered twice"
        case .clientRetry: "client sent its request again"
        case .clientCancel: "client canceled"
        case .deadline: "deadline passed"
        case .republish: "operator republished"
        case .retry: "operator retried a dead letter"
        case .purge: "operator purged an order"
        }
    }
}

/// How often each fault really happened.
package struct FaultCounts: Sendable {
    private var counts = [Int](repeating: 0, count: Fault.allCases.count)

    package init() {}

    package subscript(_ fault: Fault) -> Int { counts[fault.rawValue] }

    mutating func add(_ fault: Fault) {
        counts[fault.rawValue] += 1
    }

    package mutating func add(_ other: FaultCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    package var missing: [Fault] { Fault.allCases.filter { self[$0] == 0 } }
}

/// What may go wrong in one run, and how often. Every seed has weather of its own: a run in which everything goes wrong at once
/// hides what goes wrong when only two things do.
struct Weather {
    /// How likely it is whenever there is an occasion, in thousandths.
    private var likelihood = [Int](repeating: 0, count: Fault.allCases.count)
    /// Nothing goes wrong any more.
    var isCalm = false
    var counts = FaultCounts()

    private static let occasional: [(Fault, Int)] = [
        (.delay, 60), (.duplicate, 80), (.drop, 40), (.lostAcknowledgement, 40), (.crashAfterBegin, 15), (.crashBeforeCommit, 15),
        (.crashAfterCommit, 25), (.crashBeforePosition, 25), (.crashAfterPosition, 15), (.crashBeforeAnswer, 100), (.commitFailure, 30),
        (.clientRetry, 400), (.clientCancel, 250), (.gatewayLate, 150), (.gatewayNever, 150), (.gatewayLoses, 200), (.gatewayWrong, 150),
        (.gatewayTwice, 150),
    ]
    private static let planned: [Fault] = [
        .partition, .rebalance, .producerFailure, .brokerLoss, .topicRecreated, .topicTrimmed, .repeatedOrder, .staleDuplicate, .crash,
        .clockForward, .clockBack, .retention, .republish, .obstacle, .purge,
    ]

    init(_ dice: inout Dice) {
        let severity = dice.pick(1...3)
        for (fault, permille) in Weather.occasional where dice.chance(permille: 500) {
            likelihood[fault.rawValue] = permille * severity / 2
        }
        for fault in Weather.planned where dice.chance(permille: 350) { likelihood[fault.rawValue] = severity }
        // A season of a broker that keeps nothing: what is told anew is soon lost anew, answered for or not.
        if dice.chance(permille: 150) {
            for fault in [Fault.brokerLoss, .topicRecreated, .producerFailure] { likelihood[fault.rawValue] = 3 * severity }
            likelihood[Fault.lostAcknowledgement.rawValue] = 100 * severity
        }
    }

    /// Whether it goes wrong on this occasion.
    func strikes(_ fault: Fault, _ dice: inout Dice) -> Bool {
        let permille = likelihood[fault.rawValue]
        return permille > 0 && !isCalm && dice.chance(permille: permille)
    }

    /// What is to happen at some moment of the run, and how often.
    var plan: [Fault] {
        Weather.planned.flatMap { [Fault](repeating: $0, count: likelihood[$0.rawValue]) }
    }
}
