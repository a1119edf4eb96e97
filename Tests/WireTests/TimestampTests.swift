import SeededNumbers
import Foundation
import SagaTestSupport
import Testing
import Wire

@Suite struct TimestampTests {
    @Test(
        "A moment is written in UTC with milliseconds, cut and not rounded",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (999, "1970-01-01T00:00:00.000Z"), (1_000, "1970-01-01T00:00:00.001Z"),
            (1_999_999, "1970-01-01T00:00:01.999Z"), (-1, "1969-12-31T23:59:59.999Z"), (-1_000, "1969-12-31T23:59:59.999Z"),
            (-1_001, "1969-12-31T23:59:59.998Z"), (-86_400_000_000, "1969-12-31T00:00:00.000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000Z"), (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (1_677_628_800_000_000, "2023-03-01T00:00:00.000Z"), (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (4_107_542_399_999_000, "2100-02-28T23:59:59.999Z"), (-2_203_977_600_000_000, "1900-02-28T00:00:00.000Z"),
            (-2_203_891_200_000_000, "1900-03-01T00:00:00.000Z"), (1_735_689_599_999_000, "2024-12-31T23:59:59.999Z"),
            (253_402_300_799_999_000, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000Z"),
            // RFC 3339 has four digits for the year; what is beyond them is written as their end.
            (-62_167_219_200_000_001, "0000-01-01T00:00:00.000Z"), (.min, "0000-01-01T00:00:00.000Z"),
            (253_402_300_800_000_000, "9999-12-31T23:59:59.999Z"), (.max, "9999-12-31T23:59:59.999Z"),
        ])
    func table(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        var bytes = Array("at ".utf8)
        Timestamp(microseconds: microseconds).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "at " + text)
    }

    @Test("Any moment of the years 1600 to 9999 is written as Foundation writes it")
    func comparedWithFoundation() {
        var random = SplitMix64(seed: 8)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<5_000 {
            let seconds = Int64.random(in: -11_676_096_000...253_402_300_799, using: &random)
            let millisecond = Int64.random(in: 0..<1_000, using: &random)
            let written = Timestamp(milliseconds: seconds * 1_000 + millisecond).description
            let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(style)
            #expect(written == whole.dropLast() + "." + String(millisecond + 1_000).dropFirst() + "Z")
        }
    }

    @Test("Moments sort by time, and milliseconds are a thousand microseconds")
    func units() {
        #expect(Timestamp(milliseconds: 5) == Timestamp(microseconds: 5_000))
        #expect(Timestamp(microseconds: 5_999).milliseconds == 5)
        #expect(Timestamp(microseconds: -1) < Timestamp(microseconds: 0))
    }
}
