import Saga
import Wire

/// Record headers as one text: a line each, name and value in hexadecimal, because either may hold any byte.
package enum HeaderText {
    package static func write(_ headers: [IncomingRecord.Header]) -> String {
        headers.map { header in
            [hex(Array(header.name.utf8)), header.value.map(hex) ?? "-"].joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// nil where a line is none that is written here.
    package static func read(_ text: String) -> [IncomingRecord.Header]? {
        var headers: [IncomingRecord.Header] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let name = bytes(parts[0]).flatMap({ String(validating: $0, as: UTF8.self) }) else { return nil }
            let value = parts[1] == "-" ? nil : bytes(parts[1])
            guard value != nil || parts[1] == "-" else { return nil }
            headers.append(.init(name: name, value: value))
        }
        return headers
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        var digits = hex.utf8.makeIterator()
        var bytes: [UInt8] = []
        while let first = digits.next() {
            guard let high = UUIDText.hexDigit(first), let low = digits.next().flatMap(UUIDText.hexDigit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
