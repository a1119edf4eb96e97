package import HTTPServer

/// Divides what can be done in a tick among those who ask for it: everyone gets what it wants up to the same limit, which is as high as
/// all of it allows (max-min fairness). What was asked for in the last tick stands for what will be in this one.
package struct FairShare: Sendable {
    private var budget: Double
    private var limit: Double
    private var taken = 0
    private var clients: [ClientAddress: (asked: Int, taken: Int)] = [:]

    /// Those of whom the last tick knew nothing get something too, but not without end.
    private static let slack = 1.25

    package enum Verdict: Sendable {
        case granted
        /// More is wanted than there is.
        case exhausted
        /// Others would have to do without, who want less.
        case unfair
    }

    package init(budget: Double) {
        self.budget = budget
        limit = budget
    }

    package mutating func ask(_ client: ClientAddress) -> Verdict {
        var (asked, takenByClient) = clients[client] ?? (0, 0)
        asked += 1
        let isWithinShare = Double(takenByClient) < limit
        let isGranted = isWithinShare && Double(taken) < budget * FairShare.slack
        if isGranted {
            takenByClient += 1
            taken += 1
        }
        clients[client] = (asked, takenByClient)
        if isGranted { return .granted }
        return isWithinShare || clients.count < 2 ? .exhausted : .unfair
    }

    /// A new tick with a new budget.
    package mutating func renew(budget: Double) {
        var remaining = budget
        var others = clients.count
        limit = budget
        for asked in clients.values.map(\.asked).sorted() {
            limit = remaining / Double(others)
            guard Double(asked) <= limit else { break }
            // Should all get what they want, the rest is for whoever wants more.
            remaining -= Double(asked)
            others -= 1
            limit = Double(asked) + remaining
        }
        self.budget = budget
        taken = 0
        clients = [:]
    }
}
