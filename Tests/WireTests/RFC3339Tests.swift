import Testing
import Wire

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_769_860_800_123_456, "2026-01-31T12:00:00.123Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `times are written in UTC with milliseconds`(microseconds: Int64, text: String) {
        #expect(RFC3339.format(microseconds: microseconds) == text)
    }

    @Test(
        arguments: [
            ("2026-01-31T12:00:00Z", 1_769_860_800_000_000),
            ("2026-01-31T12:00:00.5Z", 1_769_860_800_500_000),
            ("2026-01-31t12:00:00.123456789z", 1_769_860_800_123_456),
            ("2026-01-31 14:00:00+02:00", 1_769_860_800_000_000),
            ("2026-01-31T06:30:00-05:30", 1_769_860_800_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ] as [(String, Int64)])
    func `any RFC 3339 time is read`(text: String, microseconds: Int64) {
        #expect(RFC3339.parse(text) == microseconds)
    }

    @Test(arguments: [
        "", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00Zx", "2026-1-31T12:00:00Z", "2026-01-31T12:00:00+2:00", "1769860800",
    ])
    func `anything else is not`(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }
}
