import HTTPTypes
import NIOHTTP1

extension HTTPRequestHead {
    /// The head as everything behind compares it: the target in one spelling, a connection that is to be closed said in one word, and a
    /// request of HTTP/1.0 made to mean what it means in HTTP/1.1, since nobody there knows the version any more.
    ///
    /// - Throws: where it cannot be told what is asked, or where the request ends.
    func settled() throws(ProblemError) -> HTTPRequestHead {
        var head = self
        if version == .http1_0 { head.modernize() }
        if headers.contains(name: "Connection") || version == .http1_0, asksForClose {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        }
        if !RequestTarget.isPlain(uri) {
            guard let target = RequestTarget(uri), target.text != "*" || method == .OPTIONS else {
                throw ProblemError(.badRequest, "the request's target is not a path")
            }
            head.uri = target.text
            // Two of them are refused later on.
            if let authority = target.authority, headers["Host"].count == 1 { head.headers.replaceOrAdd(name: "Host", value: authority) }
        }
        try requireKnownFraming()
        return head
    }

    /// A list of words, in any case (RFC 9110, section 7.6.1). In HTTP/1.0 a connection is for one request unless its client says otherwise
    /// (RFC 9112, section 9.3).
    private var asksForClose: Bool {
        let options = headers[canonicalForm: "Connection"].map { $0.lowercased() }
        return options.contains("close") || version == .http1_0 && !options.contains("keep-alive")
    }

    /// In HTTP/1.0 the Host field may be missing, and there are no expectations (RFC 9110, section 10.1.1).
    private mutating func modernize() {
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: "localhost") }
        headers.remove(name: "Expect")
    }

    private func requireKnownFraming() throws(ProblemError) {
        if headers.contains(name: "Transfer-Encoding") {
            let codings = headers[canonicalForm: "Transfer-Encoding"]
            guard version != .http1_0, codings.count == 1 || !codings.allSatisfy({ $0.lowercased() == "chunked" }) else {
                throw ProblemError(.badRequest, "the request's Transfer-Encoding does not say where it ends")
            }
            guard codings[0].lowercased() == "chunked", codings.count == 1 else {
                throw ProblemError(.notImplemented, "chunked is the only transfer coding that is known")
            }
        }
        if let length = headers.first(name: "Content-Length"), Int64(length) == nil {
            throw ProblemError(.badRequest, "the request's Content-Length is not a length")
        }
    }
}
