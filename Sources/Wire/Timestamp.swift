/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(milliseconds: Int64) {
        self.microseconds = milliseconds * 1000
    }

    package var milliseconds: Int64 { microseconds / 1000 }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.microseconds < b.microseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T08:15:30.125Z`. It has four digits for the year: what is beyond is written as
    /// their end, since a foreign event's time must not be able to stop a daemon.
    package var description: String {
        let microseconds = min(max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999)
        var ms = microseconds / 1000
        if microseconds < 0, microseconds % 1000 != 0 { ms -= 1 }
        var days = ms / 86_400_000
        var rest = ms % 86_400_000
        if rest < 0 {
            days -= 1
            rest += 86_400_000
        }
        let (year, month, day) = Timestamp.civil(fromDays: days)
        return String(unsafeUninitializedCapacity: 24) { buffer in
            func put(_ value: Int64, _ digits: Int, at index: Int) {
                var value = value
                for i in stride(from: index + digits - 1, through: index, by: -1) {
                    buffer[i] = UInt8(ascii: "0") + UInt8(value % 10)
                    value /= 10
                }
            }
            put(year, 4, at: 0)
            buffer[4] = UInt8(ascii: "-")
            put(month, 2, at: 5)
            buffer[7] = UInt8(ascii: "-")
            put(day, 2, at: 8)
            buffer[10] = UInt8(ascii: "T")
            put(rest / 3_600_000, 2, at: 11)
            buffer[13] = UInt8(ascii: ":")
            put(rest / 60_000 % 60, 2, at: 14)
            buffer[16] = UInt8(ascii: ":")
            put(rest / 1000 % 60, 2, at: 17)
            buffer[19] = UInt8(ascii: ".")
            put(rest % 1000, 3, at: 20)
            buffer[23] = UInt8(ascii: "Z")
            return 24
        }
    }

    /// Days since 1970-01-01 to a Gregorian date, by eras of 400 years that begin on March 1st.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
