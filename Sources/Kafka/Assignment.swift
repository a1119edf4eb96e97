/// The partitions that a member of a consumer group has, how far each was read, and what the group was told of that.
///
/// It decides and does nothing itself: `ConsumerLoop` acts on what it returns. Nothing of it outlives the process; where to begin
/// after a crash is for the owner of the bookmarks to know.
struct Assignment {
    /// Nil if it is not in the group.
    private var readings: [KafkaPartition: PartitionReading]?
    /// Where the partitions that were taken away had come to, should they come back.
    private var former: [KafkaPartition: PartitionReading] = [:]
    /// Their position does not exist; it is not yet known what does.
    private(set) var outOfRange: Set<KafkaPartition> = []
    /// Something may have exchanged a log since it was last reviewed.
    private var isInDoubt = false
    /// It joins the group again to read on elsewhere; what still comes meanwhile comes again.
    private var isRereading = false
    private var committed: [KafkaPartition: (offset: Int64, note: String?)] = [:]

    var isGiven: Bool { readings != nil }

    /// Of how many partitions of a topic it has charge.
    func count(of topic: String) -> Int { readings?.keys.count { $0.topic == topic } ?? 0 }

    func partitions(of topics: Set<String>) -> [KafkaPartition] {
        readings?.keys.filter { topics.contains($0.topic) } ?? []
    }

    /// How many records of each topic there are that were not handled; nil if that is not known of a partition.
    func lags(watermarks: (KafkaPartition) -> (low: Int64, high: Int64)?) -> [String: Int64]? {
        guard let readings else { return nil }
        var lags: [String: Int64] = [:]
        for (partition, reading) in readings {
            guard let (low, high) = watermarks(partition) else { return nil }
            lags[partition.topic, default: 0] += max(0, high - max(reading.progress, low))
        }
        return lags
    }

    // MARK: Coming and going

    /// - Parameter saved: for partitions that it never had.
    /// - Returns: where to begin.
    mutating func give(_ partitions: [KafkaPartition], saved: [KafkaPartition: KafkaBookmark]) -> [KafkaPartition: Int64] {
        let given = partitions.map { partition in
            let known = former[partition]
            if isRereading, let known { return (partition, known) }
            return (partition, PartitionReading(from: known.map(\.anchor) ?? saved[partition]))
        }
        let readings = Dictionary(uniqueKeysWithValues: given)
        self.readings = readings
        outOfRange = []
        isRereading = false
        return readings.mapValues(\.next)
    }

    mutating func takeAway() {
        former.merge(readings ?? [:]) { $1 }
        readings = nil
        outOfRange = []
    }

    /// Whether the group is to be joined again, to read from other places: then say so by `rereads`.
    var canReread: Bool { isGiven && !isRereading }

    mutating func rereads() {
        isRereading = true
    }

    // MARK: Reading

    mutating func received(_ message: KafkaMessage, identity: UInt128?) -> PartitionReading.Step {
        guard !isRereading else { return .drop }
        // A partition that was taken away meanwhile delivers nothing any more.
        guard let step = readings?[message.place]?.received(message.offset, identity: identity) else { return .drop }
        if case .startOver = step { startOver(message.topic) }
        return step
    }

    /// A topic is made anew as a whole, and finding it out of one partition after the other would take a joining of the group for each.
    private mutating func startOver(_ topic: String) {
        for partition in readings?.keys.filter({ $0.topic == topic }) ?? [] {
            readings?[partition]?.startOver()
            outOfRange.remove(partition)
        }
    }

    mutating func handled(_ offset: Int64, identity: UInt128?, of partition: KafkaPartition) {
        readings?[partition]?.handled(offset, identity: identity)
    }

    /// What was handled of it reaches to the end of its log.
    mutating func reached(end: Int64, of partition: KafkaPartition) {
        if !isRereading { readings?[partition]?.reached(end: end) }
    }

    // MARK: Whether the logs are those that were read

    /// A connection was lost or a topic was away: what comes may be of another log.
    mutating func doubt() {
        isInDoubt = true
    }

    /// - Returns: whether there was doubt: then all is to be read again, also what was received and not handled.
    mutating func reconsider() -> Bool {
        guard isInDoubt, let partitions = readings?.keys else { return false }
        isInDoubt = false
        for partition in partitions { readings?[partition]?.doubt() }
        return true
    }

    /// What was handled by now is settled, unless its log ends before that.
    mutating func review(
        end: (KafkaPartition) -> Int64?
    ) -> (findings: [(KafkaPartition, KafkaDiscontinuity)], settled: [KafkaPartition: KafkaBookmark]) {
        var findings: [(KafkaPartition, KafkaDiscontinuity)] = []
        var settled: [KafkaPartition: KafkaBookmark] = [:]
        for (partition, before) in readings ?? [:] {
            var reading = before
            if let end = end(partition), let finding = reading.ends(before: end) { findings.append((partition, finding)) }
            reading.settle()
            readings?[partition] = reading
            if let anchor = reading.anchor, anchor != before.anchor { settled[partition] = anchor }
        }
        return (findings, settled)
    }

    /// There is no record where it was to be read from.
    mutating func lostPosition(of partition: KafkaPartition) {
        outOfRange.insert(partition)
    }

    /// What there is instead. What a reader misses the topic's owner cannot know, so that is said along with the next commit.
    mutating func found(low: Int64, high: Int64, of partition: KafkaPartition) -> KafkaDiscontinuity? {
        outOfRange.remove(partition)
        guard let finding = readings?[partition]?.outOfRange(low: low, high: high) else { return nil }
        if let request = finding.request(UInt64.random(in: .min ... .max)) { readings?[partition]?.say(request) }
        return finding
    }

    // MARK: Committing

    /// How far the group's offsets are behind; those returned count as committed.
    mutating func uncommitted() -> [KafkaPartition: (offset: Int64, note: String?)] {
        var offsets: [KafkaPartition: (offset: Int64, note: String?)] = [:]
        for (partition, reading) in readings ?? [:] {
            let present = (offset: reading.progress, note: reading.note)
            if present.offset == 0, present.note == nil { continue }
            if let before = committed[partition], before == present { continue }
            offsets[partition] = present
        }
        committed.merge(offsets) { $1 }
        return offsets
    }

    /// Commits may have been lost.
    mutating func forgetCommits() {
        committed = [:]
    }
}
