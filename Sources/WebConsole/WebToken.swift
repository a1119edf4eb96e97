import HTTPTypes
import Hummingbird

/// What lets a browser in: made anew whenever the server starts, and known only to whoever started it.
struct WebToken: Sendable {
    let text: String

    static let parameter = "token"

    /// 256 bits from the kernel.
    init() {
        var random = SystemRandomNumberGenerator()
        text = (0..<4).map { _ in WebToken.hexadecimal(random.next()) }.joined()
    }

    /// For the browser to keep as long as it runs, and to show to no script and no other site.
    func cookie(at port: Int) -> String { "\(WebToken.cookieName(at: port))=\(text); Path=/; HttpOnly; SameSite=Strict" }

    /// Whether the request brings it: in the address, as the first one does, in the cookie, or as programs do.
    func isIn(_ request: Request, at port: Int) -> Bool {
        if isInAddress(of: request) { return true }
        if let cookie = request.cookies[WebToken.cookieName(at: port)], isSame(cookie.value) { return true }
        let scheme = "Bearer "
        guard let authorization = request.headers[.authorization], authorization.hasPrefix(scheme) else { return false }
        return isSame(String(authorization.dropFirst(scheme.count)))
    }

    func isInAddress(of request: Request) -> Bool {
        request.uri.queryParameters[Substring(WebToken.parameter)].map { isSame(String($0)) } ?? false
    }

    /// Takes as long for one that is nearly right as for one that is all wrong.
    private func isSame(_ other: String) -> Bool {
        let (mine, theirs) = (Array(text.utf8), Array(other.utf8))
        guard mine.count == theirs.count else { return false }
        return zip(mine, theirs).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }

    /// Cookies do not know ports: two pages on one machine are not to take each other's.
    private static func cookieName(at port: Int) -> String { "sagactl-\(port)" }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
