import NIOCore
import Testing

@testable import sagabench

struct HTTPAnswerTests {
    private let accepted = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nLocation: /orders/abc\r\n\r\n{}"

    @Test func `an answer is taken from the front and the next one stays`() throws {
        var buffer = ByteBuffer(string: accepted + "HTTP/1.1 503")
        guard case .answer(let answer) = HTTPAnswer.take(from: &buffer, wantsLocation: true) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == 201)
        #expect(answer.location == "abc")
        #expect(String(buffer: answer.body) == "{}")
        #expect(String(buffer: buffer) == "HTTP/1.1 503")
    }

    @Test func `an answer is incomplete up to its last byte, wherever it is cut`() {
        for length in 0..<accepted.utf8.count {
            var buffer = ByteBuffer(bytes: accepted.utf8.prefix(length))
            guard case .incomplete = HTTPAnswer.take(from: &buffer, wantsLocation: true) else {
                Issue.record("\(length) bytes made an answer")
                return
            }
        }
    }

    @Test(arguments: ["content-length: 0", "CONTENT-LENGTH:0", "Content-Length:   0"])
    func `field names have no case and values no leading space`(field: String) {
        var buffer = ByteBuffer(string: "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\(field)\r\n\r\n")
        guard case .answer(let answer) = HTTPAnswer.take(from: &buffer, wantsLocation: true) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == 503)
        #expect(answer.location == nil)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nDate: now\r\n\r\n", "SMTP ready, what do you want\r\n\r\n", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
    ])
    func `what has no length or is not HTTP is unreadable`(text: String) {
        var buffer = ByteBuffer(string: text)
        guard case .unreadable = HTTPAnswer.take(from: &buffer, wantsLocation: false) else {
            Issue.record("it was read")
            return
        }
    }

    @Test func `text is found in a body, also behind a beginning of it`() {
        let text = #"{"status":"CANCELED","a":"\"status\":\"PEN","status":"PENDING"}"#
        var buffer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        guard case .answer(let answer) = HTTPAnswer.take(from: &buffer, wantsLocation: false) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.bodyContains(#""status":"PENDING""#))
        #expect(!answer.bodyContains(#""status":"APPROVED""#))
    }
}
