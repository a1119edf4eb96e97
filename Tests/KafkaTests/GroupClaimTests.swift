import Testing

@testable import Kafka

@Suite struct GroupClaimTests {
    private let all = (0..<4).map { KafkaPartition(topic: "t", partition: $0) }

    @Test func `nothing is read before all was given, then whatever is left`() {
        var claim = GroupClaim()
        #expect(claim.given(Array(all[..<2]), of: 4) == KafkaShare(assigned: Array(all[..<2]), total: 4, isRead: false, wasAll: false))
        #expect(claim.withheld == Array(all[..<2]))
        claim.takenAway(isLost: false)
        #expect(claim.given(all, of: 4) == nil)
        claim.takenAway(isLost: false)
        #expect(claim.given(Array(all[2...]), of: 4) == KafkaShare(assigned: Array(all[2...]), total: 4, isRead: true, wasAll: true))
        #expect(claim.withheld == nil)
    }

    @Test func `who has lost its place comes second, too`() {
        var claim = GroupClaim()
        _ = claim.given(all, of: 4)
        claim.takenAway(isLost: true)
        #expect(claim.given([], of: 4) == KafkaShare(assigned: [], total: 4, isRead: false, wasAll: true))
    }

    @Test func `what nobody knows the size of is read only by who had it`() {
        var claim = GroupClaim()
        #expect(claim.given(all, of: nil) == KafkaShare(assigned: all, total: nil, isRead: false, wasAll: false))
        _ = claim.given(all, of: 4)
        #expect(claim.given(all, of: nil) == nil)
    }

    @Test func `topics that are not there yet are read by whoever asks`() {
        var claim = GroupClaim()
        #expect(claim.given([], of: 0) == nil)
    }
}
