internal import Wire

/// What a field says. What is not a text becomes one only where it is written: that is not the time of whoever logs.
enum LogValue: Sendable {
    case text(String)
    case uuid(UInt128)
    case hexadecimal(UInt128)

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .uuid(let bits): UUIDText.append(bits, to: &bytes)
        case .hexadecimal(let bits): for index in 0..<32 { bytes.append(UUIDText.digit(index, of: bits)) }
        }
    }
}
