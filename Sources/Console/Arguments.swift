package import enum Saga.DeadLetterKind
package import struct Saga.ServiceName
package import AdminAPI
import ArgumentParser
import Wire

/// What may stand on the command line, checked before anybody is asked; a bad value is a usage error that says what is expected.
package enum Arguments {
    private static let largest = JSONObject.largestInteger

    package static func positive(_ text: String) throws -> Int64 { try integer(text, 1...largest) }

    package static func count(_ text: String) throws -> Int64 { try integer(text, 0...largest) }

    /// A change: with a sign or without.
    package static func change(_ text: String) throws -> Int64 {
        guard let number = Int64(text), (-largest...largest).contains(number) else {
            throw ValidationError("expected a whole number such as 5 or -5, at most \(largest) either way")
        }
        return number
    }

    package static func limit(_ text: String) throws -> Int { Int(try integer(text, 1...1_000_000)) }

    private static func integer(_ text: String, _ range: ClosedRange<Int64>) throws -> Int64 {
        // Int64() alone would also take signs: who writes +50 may mean fifty more.
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int64(text),
            range.contains(number)
        else {
            throw ValidationError("expected a whole number from \(range.lowerBound) to \(range.upperBound), without a sign")
        }
        return number
    }

    /// A number with its unit, as in the configuration file.
    package static func duration(_ text: String) throws -> Duration {
        guard let duration = try? DurationText.read(text), duration <= .seconds(366 * 86_400) else {
            throw ValidationError("expected a duration such as 500ms, 10s or 2m")
        }
        return duration
    }

    /// Why an order was canceled; also in lower case.
    package static func reason(_ text: String) throws -> String {
        let reasons = ["PAYMENT_FAILED", "INVENTORY_FAILED", "DEADLINE_EXCEEDED", "CANCELED_BY_CLIENT"]
        guard reasons.contains(text.uppercased()) else { throw ValidationError("expected one of \(reasons.joined(separator: ", "))") }
        return text.uppercased()
    }

    /// Checked here, read by the daemons.
    package static func durationText(_ text: String) throws -> String {
        _ = try duration(text)
        return text
    }

    /// A time, or how long ago it was.
    package static func timeOrAge(_ text: String) throws -> String {
        if RFC3339.parse(text) != nil { return text }
        guard let age = try? duration(text) else {
            throw ValidationError("expected an RFC 3339 time such as 2026-01-31T12:00:00Z, or an age such as 2h")
        }
        return RFC3339.format(microseconds: Timestamp.now.microseconds - Int64(age / .microseconds(1)))
    }

    /// An id is looked up as it is: whether it exists is for the daemon to say. An empty one would be another route.
    package static func identifier(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("expected an id") }
        return text
    }

    package static func idempotencyKey(_ text: String) throws -> String {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ValidationError("expected 1 to 255 visible ASCII characters")
        }
        return text
    }
}

extension Order.Status: ExpressibleByArgument {
    /// Also in lower case, as one would type it.
    package init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension ServiceName: ExpressibleByArgument {}
extension DeadLetterKind: ExpressibleByArgument {}
extension LogLevelRequest.Level: ExpressibleByArgument {}
extension PauseRequest.Subject: ExpressibleByArgument {}
