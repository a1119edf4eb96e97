/// How orders arrive.
enum LoadPattern: Sendable {
    /// So many clients, each of which sends its next order when the last was answered. Finds the capacity; says little of latency,
    /// since clients that wait do not send.
    case closed(clients: Int)
    /// So many orders a second, whatever the suite does, over so many connections. Latency counts from the moment an order was due,
    /// also when no connection was free then, so that a stall is seen by every order it held up (no coordinated omission).
    case open(rate: Double, connections: Int)
    /// One order at a time: the next when the last is final, and after a pause in which the suite has nothing to do.
    case single(pause: Duration)

    var connections: Int {
        switch self {
        case .closed(let clients): clients
        case .open(_, let connections): connections
        case .single: 1
        }
    }

    var text: String {
        switch self {
        case .closed(let clients): "closed loop, \(clients) clients"
        case .open(let rate, let connections): "open loop, \(rate.text(0))/s over \(connections) connections"
        case .single(let pause): "one order at a time, \(Int(pause / .milliseconds(1))) ms apart"
        }
    }
}
