import Console
/// Bytes as `hexdump -C` shows them: offset, sixteen bytes in two groups, and what of them is ASCII.
enum HexDump {
    static func render(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes[start..<min(start + 16, bytes.count)]
            let groups = [row.prefix(8), row.dropFirst(8)].map { $0.map { hex(Int($0), 2) }.joined(separator: " ") }
            let ascii = String(String.UnicodeScalarView(row.map { (0x20...0x7e).contains($0) ? Unicode.Scalar($0) : "." }))
            return "\(hex(start, 8))  \(groups.joined(separator: "  ").padded(48))  |\(ascii)|\n"
        }.joined()
    }

    private static func hex(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}
