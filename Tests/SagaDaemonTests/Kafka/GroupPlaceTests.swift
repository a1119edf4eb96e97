import Foundation
import SagaTestSupport
import Testing

@testable import KafkaTransport

@Suite struct GroupPlaceTests {
    @Test func `a place is that of one database in one directory, and says where that is`() throws {
        let directory = try TestDirectory()
        for name in ["order", "inventory"] {
            try FileManager.default.createDirectory(atPath: "\(directory.path)/\(name)", withIntermediateDirectories: false)
        }
        let name = GroupPlace.name(of: "\(directory.path)/order", database: 7)
        #expect(name == GroupPlace.name(of: "\(directory.path)/order", database: 7))
        #expect(name != GroupPlace.name(of: "\(directory.path)/inventory", database: 7))
        #expect(name != GroupPlace.name(of: "\(directory.path)/order", database: 8))
        #expect(name.contains("-order-"))
    }

    @Test func `a copy in the same place on a host of the same name is another one`() throws {
        let directory = try TestDirectory()
        let (place, former) = ("\(directory.path)/order", "\(directory.path)/former")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        let name = GroupPlace.name(of: place, database: 7)
        try FileManager.default.moveItem(atPath: place, toPath: former)
        try FileManager.default.copyItem(atPath: former, toPath: place)
        #expect(name != GroupPlace.name(of: place, database: 7))
    }

    @Test(arguments: ["/var/lib/sagad/order", "/srv/häuser \u{1F3E0}/a_b:c", "/" + String(repeating: "d", count: 500)])
    func `a name is one that Kafka takes`(directory: String) {
        let name = GroupPlace.name(of: directory, database: .max)
        #expect(name.utf8.count <= 249)
        #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    }
}
