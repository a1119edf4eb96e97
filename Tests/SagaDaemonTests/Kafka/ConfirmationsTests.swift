import Transport
import KafkaTransport
import Testing

/// When an owner takes its topic for lost; with brokers and daemons it is tested elsewhere.
@Suite struct ConfirmationsTests {
    private let published = Confirmations(outbox: OutboxLog(followers: ["kafka"]), follower: "kafka")

    @Test(
        arguments: [
            ([0, 1, 2], true), ([7, 9], true), ([1, 1], false), ([4, 0], false),
            // Written by an earlier attempt, at an offset that is not told, but behind the one before.
            ([nil, 1], true), ([nil, 0], false), ([3, nil, 5], true), ([3, nil, 4], false), ([3, nil, nil, 5], false),
        ] as [([Int64?], Bool)])
    func `offsets that do not grow are those of another log`(offsets: [Int64?], isWhole: Bool) {
        #expect(offsets.map { published.confirm($0, in: 0) }.allSatisfy(\.self) == isWhole)
    }

    @Test(arguments: [(3, 0, true), (2, 0, false), (0, 0, false), (9, 8, true), (9, 9, false)] as [(Int64, Int64, Bool)])
    func `a log that may consist of strays alone is not trusted`(end: Int64, strays: Int64, isWhole: Bool) {
        for offset in 0...2 { _ = published.confirm(Int64(offset), in: 0) }
        #expect(published.found([0: end], expecting: published.expectation, strays: strays) == (isWhole ? [] : [0]))
    }

    @Test func `a partition of which nothing is known is nothing to miss`() {
        _ = published.confirm(5, in: 1)
        #expect(published.found([0: 0, 1: 6], expecting: published.expectation, strays: 1) == [])
        #expect(published.found([0: 0], expecting: published.expectation) == [1])
    }

    @Test func `a partition that holds older records than what may be strays is the one it was, unless it has become shorter`() {
        for partition: Int32 in 0...2 { _ = published.confirm(5, in: partition) }
        #expect(published.found([0: 8, 1: 8, 2: 5], expecting: published.expectation, strays: 100, older: [0, 2]) == [1, 2])
    }
}
