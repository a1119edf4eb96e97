/// The canonical text of a UUID: `8-4-4-4-12` hexadecimal digits (RFC 9562, section 4).
package enum UUIDText {
    package static let length = 36

    static func write(_ bits: UInt128, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var position = 0
        for i in 0..<32 {
            if i == 8 || i == 12 || i == 16 || i == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            buffer[position] = digit(i, of: bits)
            position += 1
        }
        return length
    }

    package static func append(_ bits: UInt128, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { buffer in
            bytes.append(contentsOf: buffer.prefix(write(bits, to: buffer)))
        }
    }

    /// One of the 32 hexadecimal digits, the first one most significant.
    package static func digit(_ index: Int, of bits: UInt128) -> UInt8 {
        // By halves: shifting all of it takes several times as long.
        let half = UInt64(truncatingIfNeeded: index < 16 ? bits >> 64 : bits)
        let digit = UInt8(truncatingIfNeeded: half &>> UInt64(60 - 4 * (index & 15))) & 0xF
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    static func parse(_ text: some Collection<UInt8>) -> UInt128? {
        // In one piece, as nearly all texts are, it is read much faster than byte by byte out of a string.
        text.withContiguousStorageIfAvailable { parse($0) } ?? parse(Array(text))
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> UInt128? {
        guard text.count == length else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for i in 0..<length {
            if i == 8 || i == 13 || i == 18 || i == 23 {
                guard text[i] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexDigit(text[i]) else { return nil }
            if i < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
        }
        return UInt128(high) << 64 | UInt128(low)
    }

    package static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
