import FoundationEssentials
import Glibc
import Saga
import Wire

extension Duration {
    var milliseconds: Double { (self / .microseconds(1) / 1000).rounded(to: 3) }
    var seconds: Double { (self / .seconds(1)).rounded(to: 3) }
}

extension Double {
    /// Enough for a report; more digits would only pretend.
    func rounded(to digits: Int) -> Double {
        let scale = pow(10.0, Double(digits))
        return (self * scale).rounded() / scale
    }

    /// With a fixed number of decimals.
    func text(_ digits: Int) -> String {
        let scaled = Int((abs(self) * pow(10.0, Double(digits))).rounded())
        let text = String(scaled)
        guard digits > 0 else { return (self < 0 ? "-" : "") + text }
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (self < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}

extension Timestamp {
    static var wallClock: Timestamp {
        Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
    }
}
