import Testing

@testable import KafkaTransport

@Suite struct GroupPlaceTests {
    @Test func `a place is that of one database in one directory`() {
        let name = GroupPlace.name(of: "/var/lib/sagad/order", database: 7)
        #expect(name == GroupPlace.name(of: "/var/lib/sagad/order", database: 7))
        #expect(name != GroupPlace.name(of: "/srv/order", database: 7))
        #expect(name != GroupPlace.name(of: "/var/lib/sagad/order", database: 8))
        #expect(name.utf8.count <= 249)
        #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    }
}
