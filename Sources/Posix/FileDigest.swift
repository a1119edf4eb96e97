import Glibc

/// The size and the SHA-256 of a file.
package struct FileDigest: Sendable {
    package let bytes: Int64
    /// In hexadecimal digits.
    package let sha256: String

    /// - Throws: the error number.
    package init(of path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var sum = SHA256()
        var size: Int64 = 0
        var part = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &part, part.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Failure(code: errno)
            }
            sum.update(part[..<count])
            size += Int64(count)
        }
        bytes = size
        sha256 = sum.digest()
    }

    package struct Failure: Error {
        package let code: CInt
    }
}
