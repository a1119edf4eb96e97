/// HMAC with SHA-256 (RFC 2104).
///
/// Our own: the library for it would build a whole BoringSSL beside the one that TLS brings, for these lines over the SHA-256 that is here.
package enum HMAC {
    package static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var key = key.count > 64 ? SHA256.bytes(of: key) : key
        key += Array(repeating: 0, count: 64 - key.count)
        return SHA256.bytes(of: key.map { $0 ^ 0x5C } + SHA256.bytes(of: key.map { $0 ^ 0x36 } + message))
    }
}

extension SHA256 {
    fileprivate static func bytes(of message: [UInt8]) -> [UInt8] {
        var sum = SHA256()
        sum.update(message)
        return sum.bytes()
    }
}
