package import Wire

/// The field `Retry-After`: seconds, or a date (RFC 9110, sections 5.6.7 and 10.2.3). What is neither is as if it were not there.
package enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    package static func duration(_ text: String, now: Timestamp = .now) -> Duration? {
        if let seconds = UInt32(text) { return .seconds(Int64(seconds)) }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            let time = RFC3339.parse("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z")
        else { return nil }
        return .microseconds(max(0, time - now.microseconds))
    }
}
