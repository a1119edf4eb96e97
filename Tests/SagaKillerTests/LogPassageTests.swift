import Foundation
import SagaTestSupport
import Testing

@testable import saga_killer

@Suite struct LogPassageTests {
    @Test(arguments: [
        ("info ORDER_CREATED: →RESERVED, emits INVENTORY_RESERVED service=inventory event_id=1", true),
        ("info INVENTORY_RELEASED service=order order_id=1 event_id=1", true),
        ("info ORDER_CREATED (duplicate) service=inventory event_id=1", false),
        ("info order placed: →PENDING, emits ORDER_CREATED service=order order_id=1", false),
        ("notice ready, version 1 service=order", false),
        ("", false),
    ])
    func `an event that was applied is told from everything else`(_ line: String, _ isApplied: Bool) {
        let time = LogPassage.applied("2026-01-31T12:00:00.250Z \(line)")
        #expect(time == (isApplied ? Date(timeIntervalSince1970: 1_769_860_800.25) : nil))
    }

    @Test func `what earlier processes wrote is not counted`() throws {
        let directory = try TestDirectory()
        let line = "2126-01-31T12:00:00.250Z info ORDER_CREATED event_id=1\n"
        let file = try directory.write(line, to: "log")
        let passage = LogPassage(file: file)
        #expect(passage.firstEvent() == nil)
        _ = try directory.write("\(line)not an event\n\(line)", to: "log")
        #expect(passage.firstEvent() != nil)
    }
}
