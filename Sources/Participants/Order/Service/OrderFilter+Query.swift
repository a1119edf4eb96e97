import Hummingbird
import Saga
import HTTPServer
import Wire

extension OrderFilter {
    static let parameters: Set<Substring> = ["status", "userId", "productId", "reason", "since", "until"]

    /// - Throws: a 400 that says what the parameter can be.
    init(_ request: Request) throws {
        self.init()
        let query = request.uri.queryParameters
        status = try query["status"].map { name in
            guard let code = OrderStatus.code(named: String(name)) else {
                throw ProblemError(.badRequest, "status must be one of \(OrderStatus.names.joined(separator: ", "))")
            }
            return code
        }
        userID = try query["userId"].map { try OrderFilter.id($0, "userId") }
        productID = try query["productId"].map { try OrderFilter.id($0, "productId") }
        reason = try query["reason"].map { name in
            guard let reason = CancelReason(rawValue: String(name)), reason.rawValue.utf8.elementsEqual(name.utf8) else {
                throw ProblemError(.badRequest, "reason must be one of \(CancelReason.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return reason
        }
        since = try query["since"].map { try OrderFilter.time($0, "since") }
        until = try query["until"].map { try OrderFilter.time($0, "until") }
    }

    private static func id(_ text: Substring, _ name: StaticString) throws -> Int64 {
        guard text.first?.isNumber == true, let id = Int64(text), (1...JSONObject.largestInteger).contains(id) else {
            throw ProblemError(.badRequest, "\(name) must be an integer from 1 to 2^53−1")
        }
        return id
    }

    /// Rounded up to what an order shows of its time, so that what is asked for is compared with what is seen.
    private static func time(_ text: Substring, _ name: StaticString) throws -> Timestamp {
        guard let microseconds = RFC3339.parse(String(text)) else {
            throw ProblemError(.badRequest, "\(name) must be an RFC 3339 time, such as 2026-01-31T08:15:30Z")
        }
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return Timestamp(milliseconds: rest > 0 ? whole + 1 : whole)
    }
}
