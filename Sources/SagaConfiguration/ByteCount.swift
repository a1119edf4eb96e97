/// A size as people write it: `256MiB`.
package struct ByteCount: Sendable, Equatable {
    package let bytes: Int64

    package init(bytes: Int64) { self.bytes = bytes }

    private static let units: [(name: String, bytes: Int64)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
    /// A petabyte: more is a typing error, and this is far from any overflow.
    private static let largest = Double(1 << 50)

    init(reading text: String) throws(Invalid) {
        let malformed = Invalid("\(text.shown) is not a size: a positive number with KiB, MiB or GiB, such as 256MiB")
        guard let unit = ByteCount.units.first(where: { text.hasSuffix($0.name) }) else { throw malformed }
        let number = text.dropLast(unit.name.count)
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        // Double alone would also take signs, exponents and names.
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(ByteCount.digits.contains) }),
            let value = Double(number)
        else { throw malformed }
        let bytes = (value * Double(unit.bytes)).rounded()
        guard bytes >= 1 else { throw Invalid("\(text.shown) is not positive") }
        guard bytes <= ByteCount.largest else { throw Invalid("\(text.shown) is too large") }
        self.bytes = Int64(bytes)
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
}

/// In the largest unit that leaves no fraction.
extension ByteCount: CustomStringConvertible {
    package var description: String {
        guard let unit = ByteCount.units.last(where: { bytes % $0.bytes == 0 }) else { return "\(Double(bytes) / 1024)KiB" }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

extension Format where Value == ByteCount {
    static var size: Self {
        Format("a size, such as 256MiB") { scalar throws(Invalid) in
            try ByteCount(reading: scalar.text)
        } render: {
            .string($0.description)
        }
    }
}
