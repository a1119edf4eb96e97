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

    @Test(arguments: ["61", "-", "61 6", "6 61", "61 6g", "/1 61", "61 61 61", "61 \u{212A}1", "61  61", "g 61"])
    func `A damaged line is left out, and the others are read`(_ damaged: String) {
        let good = IncomingRecord.Header(name: "a", value: [0x62])
        #expect(HeaderText.read("61 62\n\(damaged)\n61 62") == [good, good])
    }
}
