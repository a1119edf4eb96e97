import Logging
import Testing

@testable import Systemd
import Wire

@Suite("A log record as a line")
struct LogLineTests {
    private func line(_ record: LogRecord, shared: LogFields = [:]) -> String {
        var bytes: [UInt8] = []
        LogLine.append(record, identity: LogIdentity(identifier: "test", fieldPrefix: "TEST_", fields: shared), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Time, level, message, shared fields, own fields")
    func wholeLine() {
        let record = LogRecord(
            level: .info,
            message: "Order approved",
            fields: ["order_id": "0190b5c4-0000-7000-8000-000000000001", "transition": "PENDING→APPROVED"],
            messageID: "0123456789abcdef0123456789abcdef",
            timestamp: Timestamp(milliseconds: 1_769_860_800_123))
        #expect(
            line(record, shared: ["service": "order"]) == """
                2026-01-31T12:00:00.123Z info Order approved service=order \
                order_id=0190b5c4-0000-7000-8000-000000000001 transition=PENDING→APPROVED

                """)
    }

    @Test(
        "Values are quoted and escaped where they must be, and only there",
        arguments: [
            ("plain", "plain"),
            ("", #""""#),
            ("two words", #""two words""#),
            ("a=b", #""a=b""#),
            (#"say "hi""#, #""say \"hi\"""#),
            (#"C:\temp"#, #"C:\temp"#),
            (#"C:\my temp"#, #""C:\\my temp""#),
            ("a\nb", #""a\nb""#),
            ("a\r\nb", #""a\r\nb""#),
            ("a\tb", #""a\tb""#),
            ("\u{0}\u{1B}[31m", #""\u0000\u001b[31m""#),
            ("\u{7F}", #""\u007f""#),
            ("\u{85}", #""\u0085""#),
            ("a\u{2028}b", #""a\u2028b""#),
            ("Zürich→東京🙂", "Zürich→東京🙂"),
        ])
    func values(value: String, expected: String) {
        let record = LogRecord(level: .error, message: "m", fields: ["key": value], timestamp: Timestamp(milliseconds: 0))
        #expect(line(record) == "1970-01-01T00:00:00.000Z error m key=\(expected)\n")
    }

    @Test(
        "A message stays on its line",
        arguments: [
            (#"a "quoted" = b"#, #"a "quoted" = b"#),
            ("first\nsecond", #"first\nsecond"#),
            (#"first\nsecond"#, #"first\\nsecond"#),
            ("a\u{1B}b", #"a\u001bb"#),
        ])
    func messages(message: String, expected: String) {
        let record = LogRecord(level: .critical, message: message, timestamp: Timestamp(milliseconds: 0))
        #expect(line(record) == "1970-01-01T00:00:00.000Z critical \(expected)\n")
    }

    @Test(
        "Keys are the journal's names in lower case",
        arguments: [("order_id", "order_id"), ("orderID", "orderid"), ("hb.request.id", "hb_request_id"), ("a b\n=", "a_b__")])
    func keys(name: String, expected: String) {
        var fields = LogFields()
        fields.append(name, "1")
        let record = LogRecord(level: .info, message: "m", fields: fields, timestamp: Timestamp(milliseconds: 0))
        #expect(line(record) == "1970-01-01T00:00:00.000Z info m \(expected)=1\n")
    }

    @Test("Ids are written as their texts, one after the other in the order of the fields")
    func ids() {
        var fields = LogFields(capacity: 2)
        fields.append("order_id", ID<Never>(bits: 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF))
        fields.append("trace_id", hexadecimal: 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF)
        let record = LogRecord(level: .info, message: "m", fields: fields, timestamp: Timestamp(milliseconds: 0))
        #expect(
            line(record) == "1970-01-01T00:00:00.000Z info m order_id=01234567-89ab-cdef-0123-456789abcdef "
                + "trace_id=0123456789abcdef0123456789abcdef\n")
    }

    @Test(
        "Times are right on both sides of leap days and years",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_251_199_007, "2024-02-29T23:59:59.007Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ])
    func times(milliseconds: Int64, expected: String) {
        let record = LogRecord(level: .info, message: "m", timestamp: Timestamp(milliseconds: milliseconds))
        #expect(line(record) == "\(expected) info m\n")
    }
}
