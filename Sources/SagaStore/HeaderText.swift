import Saga
import Wire

/// Record headers as one text: a line each, name and value in hexadecimal, because either may hold any byte.
///
/// A line that is none, in a damaged database, is left out: the operator must still be able to list and discard the record.
package enum HeaderText {
    package static func write(_ headers: [IncomingRecord.Header]) -> String {
        headers.map { header in
            [hex(Array(header.name.utf8)), header.value.map(hex) ?? "-"].joined(separator: " ")
        }.joined(separator: "\n")
    }

    package static func read(_ text: String) -> [IncomingRecord.Header] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let name = bytes(parts[0]).map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
            if parts[1] == "-" { return .init(name: name, value: nil) }
            return bytes(parts[1]).map { .init(name: name, value: $0) }
        }
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
