import Testing

@testable import Kafka

@Suite struct GroupClaimTests {
    private let all = (0..<4).map { KafkaPartition(topic: "t", partition: $0) }

    @Test func `nothing is read before all was given, then whatever is left`() {
        var claim = GroupClaim(isKnown: true)
        #expect(claim.given(Array(all[..<2]), of: 4) == KafkaShare(assigned: Array(all[..<2]), total: 4, isRead: false, wasAll: false))
        #expect(claim.withheld == Array(all[..<2]))
        claim.takenAway(isLost: false)
        #expect(claim.given(all, of: 4) == nil)
        claim.takenAway(isLost: false)
        #expect(claim.given(Array(all[2...]), of: 4) == KafkaShare(assigned: Array(all[2...]), total: 4, isRead: true, wasAll: true))
        #expect(claim.withheld == nil)
    }

    @Test func `who has lost its place comes second, too`() {
        var claim = GroupClaim(isKnown: true)
        _ = claim.given(all, of: 4)
        claim.takenAway(isLost: true)
        #expect(claim.given([], of: 4) == KafkaShare(assigned: [], total: 4, isRead: false, wasAll: true))
    }

    @Test func `what nobody knows the size of is read only by who had it`() {
        var claim = GroupClaim(isKnown: true)
        #expect(claim.given(all, of: nil) == KafkaShare(assigned: all, total: nil, isRead: false, wasAll: false))
        _ = claim.given(all, of: 4)
        #expect(claim.given(all, of: nil) == nil)
    }

    @Test func `who is known by name asks once more for what it was not given, as that may have been worked out for its former process`() {
        var claim = GroupClaim(isKnown: true)
        var asked: [Bool] = []
        // The second time it would only disturb the others; after it had all and was shut out it is a newcomer again.
        for share in [2, 2, 4, 2, 2, 4] {
            _ = claim.given(Array(all[..<share]), of: 4)
            asked.append(claim.asksAnew())
            claim.takenAway(isLost: share == 4)
        }
        #expect(asked == [true, false, false, true, false, false])
        var stranger = GroupClaim(isKnown: false)
        _ = stranger.given([], of: 4)
        let strangerAsks = stranger.asksAnew()
        #expect(!strangerAsks)
    }

    @Test func `topics that are not there yet are read by whoever asks`() {
        var claim = GroupClaim(isKnown: true)
        #expect(claim.given([], of: 0) == nil)
    }
}
