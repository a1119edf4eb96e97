import Testing

@testable import SagaStore

@Suite struct HeaderTextTests {
    @Test func `Names and values may hold any byte`() {
        let all = (0...255).map { UInt8($0) }
        let headers: [IncomingRecord.Header] = [
            .init(name: "ce_id", value: all), .init(name: "", value: []), .init(name: "\n \u{0}-", value: nil),
            .init(name: "ce_id", value: [0x2D]),
        ]
        #expect(HeaderText.read(HeaderText.write(headers)) == headers)
    }

    @Test(arguments: ["61", "-", "61 6", "6 61", "61 6g", "/1 61", "61 61 61", "61 \u{212A}1", "61  61", "g 61", "ff 61"])
    func `A line that is not written here is not passed over`(_ damaged: String) {
        #expect(HeaderText.read("61 62\n61 62")?.count == 2)
        #expect(HeaderText.read("61 62\n\(damaged)\n61 62") == nil)
    }
}
