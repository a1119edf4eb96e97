import Testing

@testable import Kafka

/// What a member of a group decides about its partitions, without a group.
@Suite struct AssignmentTests {
    private let first = KafkaPartition(topic: "events", partition: 0)
    private let second = KafkaPartition(topic: "events", partition: 1)
    private let saved = KafkaBookmark(offset: 4, identity: nil)

    private func message(_ offset: Int64, of partition: KafkaPartition) -> KafkaMessage {
        KafkaMessage(
            topic: partition.topic, partition: partition.partition, offset: offset, key: nil, value: nil, headers: [], timestamp: nil)
    }

    @Test func `a partition is read on from the place that was saved, and when it comes back from the last one that was settled`() {
        var assignment = Assignment()
        let starts = assignment.give([first], saved: [first: saved])
        #expect(starts == [first: 4])
        let anchor = assignment.received(message(4, of: first), identity: nil)
        #expect(anchor == .drop)
        assignment.handled(9, identity: nil, of: first)
        let (findings, settled) = assignment.review { _ in 10 }
        #expect(findings.isEmpty)
        #expect(settled == [first: KafkaBookmark(offset: 9, identity: nil)])
        assignment.handled(12, identity: nil, of: first)
        assignment.takeAway()
        let later = assignment.give([first, second], saved: [first: saved, second: saved])
        #expect(later == [first: 9, second: 4])
    }

    @Test func `a partition it does not have delivers nothing, nor does any while the group is joined again`() {
        var assignment = Assignment()
        _ = assignment.give([first], saved: [:])
        let steps = [second, first].map { assignment.received(message(0, of: $0), identity: nil) }
        #expect(steps == [.drop, .take])
        assignment.rereads()
        #expect(!assignment.canReread)
        let meanwhile = assignment.received(message(1, of: first), identity: nil)
        #expect(meanwhile == .drop)
    }

    @Test func `doubt waits for partitions, and is dealt with once, by going back to what was settled`() {
        var assignment = Assignment()
        assignment.doubt()
        let isPremature = assignment.reconsider()
        #expect(!isPremature)
        _ = assignment.give([first], saved: [first: saved])
        assignment.handled(9, identity: nil, of: first)
        let answers = (0..<2).map { _ in assignment.reconsider() }
        #expect(answers == [true, false])
        assignment.rereads()
        assignment.takeAway()
        let starts = assignment.give([first], saved: [:])
        #expect(starts == [first: 4])
    }

    @Test func `a topic of which one partition was made anew is read from the beginning as a whole`() {
        var assignment = Assignment()
        let other = KafkaPartition(topic: "others", partition: 0)
        let saved = KafkaBookmark(offset: 4, identity: 1)
        _ = assignment.give([first, second, other], saved: [first: saved, second: saved, other: saved])
        let step = assignment.received(message(4, of: second), identity: 2)
        #expect(step == .startOver(.replaced))
        assignment.rereads()
        assignment.takeAway()
        let starts = assignment.give([first, second, other], saved: [:])
        #expect(starts == [first: 0, second: 0, other: 4])
    }

    @Test func `a partition of it whose old place is out of range is read from the beginning too`() {
        var assignment = Assignment()
        let saved = KafkaBookmark(offset: 4, identity: 1)
        _ = assignment.give([first, second], saved: [first: saved, second: saved])
        _ = assignment.received(message(4, of: first), identity: 2)
        assignment.lostPosition(of: second)
        let finding = assignment.found(low: 0, high: 3, of: second)
        #expect(finding == nil)
        assignment.takeAway()
        let starts = assignment.give([first, second], saved: [:])
        #expect(starts == [first: 0, second: 0])
    }

    @Test func `what there is of a partition is not asked for once its topic is read from the beginning`() {
        var assignment = Assignment()
        let saved = KafkaBookmark(offset: 4, identity: 1)
        _ = assignment.give([first, second], saved: [first: saved, second: saved])
        assignment.lostPosition(of: second)
        _ = assignment.received(message(4, of: first), identity: 2)
        #expect(assignment.outOfRange.isEmpty)
    }

    @Test func `what is missing goes along with the commit, which is not repeated before it may have been lost`() {
        var assignment = Assignment()
        _ = assignment.give([first], saved: [:])
        assignment.lostPosition(of: first)
        #expect(assignment.outOfRange == [first])
        let finding = assignment.found(low: 3, high: 9, of: first)
        #expect(finding == .trimmed(missing: 0..<3))
        #expect(assignment.outOfRange.isEmpty)
        let commits = (0..<2).map { _ in assignment.uncommitted() }
        #expect(commits[0][first]?.offset == 3)
        #expect(commits[0][first]?.note?.hasPrefix("missing 0-2 #") == true)
        #expect(commits[1].isEmpty)
        assignment.forgetCommits()
        let again = assignment.uncommitted()
        #expect(again[first]?.note == commits[0][first]?.note)
    }

    @Test func `the lag is what lies behind the last handled record of each partition, and unknown if it is of one`() {
        var assignment = Assignment()
        let unassigned = assignment.lags { _ in (0, 9) }
        #expect(unassigned == nil)
        _ = assignment.give([first, second], saved: [:])
        assignment.handled(4, identity: nil, of: first)
        let lag = assignment.lags { _ in (2, 9) }
        #expect(lag == ["events": 11])
        let unknown = assignment.lags { $0 == first ? (2, 9) : nil }
        #expect(unknown == nil)
    }

    @Test func `marks of transactions are no events: a partition that was read to its end has no lag, until it is in doubt`() {
        var assignment = Assignment()
        _ = assignment.give([first], saved: [:])
        assignment.handled(4, identity: nil, of: first)
        assignment.reached(end: 9, of: first)
        let (lag, later) = (assignment.lags { _ in (0, 9) }, assignment.lags { _ in (0, 11) })
        #expect(lag == ["events": 0])
        #expect(later == ["events": 2])
        let committed = assignment.uncommitted()
        #expect(committed[first]?.offset == 9)
        let (findings, settled) = assignment.review { _ in 9 }
        #expect(findings.isEmpty)
        #expect(settled == [first: KafkaBookmark(offset: 4, identity: nil)], "the place to read on from is a record")
        assignment.doubt()
        _ = assignment.reconsider()
        let doubtful = assignment.lags { _ in (0, 9) }
        #expect(doubtful == ["events": 4])
    }

    @Test func `the end of a log that is not known to be the one that was read says nothing`() {
        var assignment = Assignment()
        _ = assignment.give([first], saved: [first: saved])
        assignment.reached(end: 9, of: first)
        let lag = assignment.lags { _ in (0, 9) }
        #expect(lag == ["events": 4])
    }
}
