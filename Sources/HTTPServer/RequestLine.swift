import HTTPTypes
import NIOCore
import NIOHTTP1

/// The request line that a parser stopped at, looked at again to say what is wrong with it: the parser does not.
struct RequestLine {
    private let method: Substring
    private let version: Substring

    /// What to answer to bytes that are no request of HTTP/1.x: a method or a version that is none of ours is a request all the same.
    ///
    /// - Parameter bytes: what was read last. What cannot be found in them, as it came in pieces, is no request.
    static func problem(_ error: HTTPParserError, in bytes: ByteBuffer?) -> ProblemError {
        if error == .headerOverflow {
            return ProblemError(.requestHeaderFieldsTooLarge, "the request line and header fields are too large")
        }
        let lines = bytes.map(RequestLine.lines) ?? []
        if error == .invalidMethod, lines.contains(where: { !$0.isMethodKnown }) {
            return ProblemError(.notImplemented, "the method is not known")
        }
        if error == .invalidVersion, lines.contains(where: { !$0.isVersionKnown }) {
            return ProblemError(.httpVersionNotSupported, "HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        return ProblemError(.badRequest, "not an HTTP request: \(error)")
    }

    private static func lines(in bytes: ByteBuffer) -> [RequestLine] {
        String(buffer: bytes).split(separator: "\r\n\r\n").compactMap { head in
            RequestLine(head.prefix { $0 != "\r\n" && $0 != "\n" })
        }
    }

    private init?(_ line: Substring) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.allSatisfy(RequestLine.isTokenByte), !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let version = Array(parts[2].utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard version.count == 8, parts[2].hasPrefix("HTTP/"), digits.contains(version[5]), version[6] == UInt8(ascii: "."),
            digits.contains(version[7])
        else { return nil }
        method = parts[0]
        self.version = parts[2]
    }

    private var isMethodKnown: Bool {
        if case .RAW = HTTPMethod(rawValue: String(method)) { false } else { true }
    }

    private var isVersionKnown: Bool { version == "HTTP/1.1" || version == "HTTP/1.0" }

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
