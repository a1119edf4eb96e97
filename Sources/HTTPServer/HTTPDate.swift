import Glibc
import Synchronization

/// When an answer is made, as its field Date says it (RFC 9110, sections 5.6.7 and 6.6.1). Written once a second.
enum HTTPDate {
    private static let latest = Mutex<(second: time_t, text: String)>((-1, ""))

    static var now: String {
        let second = time(nil)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, text(second)) }
            return latest.text
        }
    }

    /// The C library writes the names of days and months in English, as the process never asks for another locale.
    static func text(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            strftime(buffer.baseAddress!, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(cString: buffer.baseAddress!)
        }
    }
}
