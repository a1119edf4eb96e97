/// The rule for field names: what the journal allows (upper-case letters, digits and underscores, at most 64 of them; journald drops
/// other fields silently), with whatever else occurs turned into underscores. Standard error shows the same in lower case.
enum LogFieldName {
    static func appendJournalName(_ name: String, prefix: String, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: prefix.utf8)
        for byte in name.utf8 where bytes.count - start < 64 { bytes.append(upperCase(byte)) }
    }

    static func appendKey(_ name: String, to bytes: inout [UInt8]) {
        // As nearly all names are written here.
        if name.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "_") }) {
            return bytes.append(contentsOf: name.utf8)
        }
        for byte in name.utf8 {
            let upper = upperCase(byte)
            bytes.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= upper ? upper | 0x20 : upper)
        }
    }

    private static func upperCase(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte & ~0x20
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        default: UInt8(ascii: "_")
        }
    }
}
