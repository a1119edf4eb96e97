import Glibc
import NIOCore

/// What the generator wants to know of an HTTP/1.1 answer (RFC 9112), found without making a string of anything.
///
/// Understands answers with a `Content-Length`, as the suite sends them; anything else is an error, since a generator that guesses
/// measures nothing.
struct HTTPAnswer {
    let status: Int
    /// The body, valid for the callback that gets it.
    let body: ByteBuffer
    /// The last part of `Location`, where there is one: the order's id.
    let location: String?

    enum Parsed {
        case incomplete
        case answer(HTTPAnswer)
        case unreadable
    }

    /// Takes one complete answer from the front of `buffer`.
    ///
    /// - Parameter wantsLocation: to be spared the string where nobody asks for it.
    static func take(from buffer: inout ByteBuffer, wantsLocation: Bool) -> Parsed {
        let head: Head? = buffer.withUnsafeReadableBytes { Head($0, wantsLocation: wantsLocation) }
        guard let head else { return .incomplete }
        guard head.isReadable else { return .unreadable }
        guard buffer.readableBytes >= head.length + head.contentLength else { return .incomplete }
        buffer.moveReaderIndex(forwardBy: head.length)
        let body = buffer.readSlice(length: head.contentLength) ?? ByteBuffer()
        return .answer(HTTPAnswer(status: head.status, body: body, location: head.location))
    }

    func bodyContains(_ text: StaticString) -> Bool {
        body.withUnsafeReadableBytes { bytes in
            bytes.firstPlace(of: text) != nil
        }
    }
}

/// The head of an answer; nil while it has not all arrived.
private struct Head {
    var length = 0
    var status = 0
    var contentLength = 0
    var location: String?
    var isReadable = false

    init?(_ bytes: UnsafeRawBufferPointer, wantsLocation: Bool) {
        guard let end = bytes.firstPlace(of: "\r\n\r\n") else { return nil }
        length = end + 4
        guard length > 16, bytes.starts(with: "HTTP/1.1 ".utf8) else { return }
        for digit in bytes[9..<12] {
            guard (48...57).contains(digit) else { return }
            status = status * 10 + Int(digit - 48)
        }
        var line = bytes[..<(length - 2)]
        while let newline = line.firstIndex(of: UInt8(ascii: "\n")) {
            line = line[(newline + 1)...]
            if let value = Head.value(of: "content-length:", in: line) {
                contentLength = 0
                for digit in value {
                    guard (48...57).contains(digit) else { return }
                    contentLength = contentLength * 10 + Int(digit - 48)
                }
                isReadable = true
            } else if wantsLocation, let value = Head.value(of: "location:", in: line) {
                let name = value.lastIndex(of: UInt8(ascii: "/")).map { value[($0 + 1)...] } ?? value
                location = String(decoding: name, as: UTF8.self)
            }
        }
    }

    private static func value(of name: StaticString, in line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer>? {
        let count = name.utf8CodeUnitCount
        guard line.count > count else { return nil }
        for (index, letter) in UnsafeBufferPointer(start: name.utf8Start, count: count).enumerated() {
            // Field names are ASCII and compared without case; a lower-case letter differs by one bit only.
            guard line[line.startIndex + index] | 0x20 == letter | 0x20 else { return nil }
        }
        let value = line[(line.startIndex + count)...].drop { $0 == UInt8(ascii: " ") }
        return value.prefix { $0 != UInt8(ascii: "\r") }
    }
}

extension UnsafeRawBufferPointer {
    /// Where `text` begins; nil when it is not there.
    fileprivate func firstPlace(of text: StaticString) -> Int? {
        guard let start = baseAddress else { return nil }
        var place = 0
        while count - place >= text.utf8CodeUnitCount {
            guard let found = memchr(start + place, Int32(text.utf8Start.pointee), count - place) else { return nil }
            place = start.distance(to: UnsafeRawPointer(found))
            guard count - place >= text.utf8CodeUnitCount else { return nil }
            if memcmp(found, text.utf8Start, text.utf8CodeUnitCount) == 0 { return place }
            place += 1
        }
        return nil
    }
}
