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

    package func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.microseconds < b.microseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T08:15:30.125Z`. It has four digits for the year: what is beyond is written as
    /// their end, since a foreign event's time must not be able to stop a daemon.
    package var description: String {
        String(unsafeUninitializedCapacity: Timestamp.length) { write(to: $0) }
    }

    /// The same, on the end of a text.
    package func append(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Timestamp.length) { buffer in
            bytes.append(contentsOf: buffer.prefix(write(to: buffer)))
        }
    }

    private static let length = 24

    private func write(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let microseconds = min(max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999)
        var ms = microseconds / 1000
        if microseconds < 0, microseconds % 1000 != 0 { ms -= 1 }
        var days = ms / 86_400_000
        var rest = ms % 86_400_000
        if rest < 0 {
            days -= 1
            rest += 86_400_000
        }
        let date = CivilDate(days: days)
        func put(_ value: Int64, _ digits: Int, at index: Int) {
            var value = value
            for i in stride(from: index + digits - 1, through: index, by: -1) {
                buffer[i] = UInt8(ascii: "0") + UInt8(value % 10)
                value /= 10
            }
        }
        put(date.year, 4, at: 0)
        buffer[4] = UInt8(ascii: "-")
        put(date.month, 2, at: 5)
        buffer[7] = UInt8(ascii: "-")
        put(date.day, 2, at: 8)
        buffer[10] = UInt8(ascii: "T")
        put(rest / 3_600_000, 2, at: 11)
        buffer[13] = UInt8(ascii: ":")
        put(rest / 60_000 % 60, 2, at: 14)
        buffer[16] = UInt8(ascii: ":")
        put(rest / 1000 % 60, 2, at: 17)
        buffer[19] = UInt8(ascii: ".")
        put(rest % 1000, 3, at: 20)
        buffer[23] = UInt8(ascii: "Z")
        return Timestamp.length
    }
}
