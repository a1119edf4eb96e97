/// What became of the orders that were sent.
struct LoadCounts: Sendable {
    /// Answered with 201.
    var accepted = 0
    /// Answered with anything else, by status.
    var refused: [Int: Int] = [:]
    /// Sent, and the connection ended before an answer: accepted or not, nobody knows.
    var lost = 0
    /// Due in an open loop, but still waiting for a free connection when it ended.
    var unsent = 0
    /// Samples whose connection was lost, and such that were not final in time.
    var lostWatches = 0
    var unwatched = 0

    var refusals: Int { refused.values.reduce(0, +) }
}

struct LoadLatencies: Sendable {
    /// From the moment an order was due until its 201.
    var post = Histogram()
    /// From the moment it was sent until its 201: what the suite itself took, without the wait for a free connection.
    var answer = Histogram()
    /// From the moment an order was due until the answer that says what became of it; of the samples.
    var final = Histogram()
    /// From the moment it was sent until an answer other than 201.
    var refusal = Histogram()
}
