/// What a member that is meant to be the only one of its group knows of the others by what it is given.
struct GroupClaim {
    /// It was given all partitions, and has kept its place in the group since.
    private var isHeld = false
    private var wasHeld = false
    private(set) var withheld: [KafkaPartition]?
    /// The group knows it by a name, and gives it again what its former process had, however much there is by now.
    private let isKnown: Bool
    private var hasAsked = false

    init(isKnown: Bool) {
        self.isKnown = isKnown
    }

    /// - Parameter total: how many there are; nil if that is not known.
    /// - Returns: nil if that is all.
    mutating func given(_ partitions: [KafkaPartition], of total: Int?) -> KafkaShare? {
        withheld = nil
        if let total, partitions.count >= total {
            (isHeld, wasHeld, hasAsked) = (true, true, false)
            return nil
        }
        if total == nil, isHeld { return nil }
        if !isHeld { withheld = partitions }
        return KafkaShare(assigned: partitions, total: total, isRead: isHeld, wasAll: wasHeld)
    }

    /// - Parameter isLost: somebody else may have had them already.
    mutating func takenAway(isLost: Bool) {
        withheld = nil
        if isLost { isHeld = false }
    }

    /// Whether what was given is to be asked for once more, because it may have been worked out for its former process.
    mutating func asksAnew() -> Bool {
        guard isKnown, withheld != nil, !hasAsked else { return false }
        hasAsked = true
        return true
    }
}
