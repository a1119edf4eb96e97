import Outbound
import PaymentService
import Saga
import Testing
import Wire

/// What of an HTTP answer is one; anything else must never be taken for a decline.
@Suite struct GatewayAnswerTests {
    private static let charge = Charge(orderID: OrderID(bits: 1), paymentID: PaymentID(bits: 2), userID: 3, amount: 4, isExternal: true)

    private func answer(_ question: GatewayQuestion, _ status: Int, _ body: String, _ retryAfter: Duration? = nil) -> GatewayAnswer {
        GatewayAnswer(to: question, status: status, retryAfter: retryAfter, body: Array(body.utf8))
    }

    @Test func `only what the interface says is an answer is one`() {
        let (charge, refund) = (GatewayQuestion.charge(Self.charge), GatewayQuestion.refund(Self.charge))
        #expect(answer(charge, 200, #"{"status":"APPROVED","reference":"ch_1"}"#) == .known(.approved))
        #expect(answer(charge, 201, #"{"status":"APPROVED"}"#) == .known(.approved))
        #expect(answer(charge, 402, #"{"status":"DECLINED","reason":"no"}"#) == .known(.declined))
        #expect(answer(refund, 200, #"{"status":"REFUNDED"}"#) == .known(.refunded))
        for (question, status, body) in [
            (charge, 200, #"{"status":"DECLINED"}"#), (charge, 402, ""), (charge, 402, "{nothing"), (charge, 200, "{nothing"),
            (charge, 200, #"{"status":"REFUNDED"}"#), (charge, 202, #"{"status":"APPROVED"}"#), (charge, 301, ""),
            (refund, 200, #"{"status":"APPROVED"}"#), (refund, 402, #"{"status":"DECLINED"}"#),
        ] + [408, 409, 425, 429, 500, 502, 503, 504].map({ (charge, $0, #"{"status":"APPROVED"}"#) }) {
            guard case .unknown = answer(question, status, body) else {
                Issue.record("\(question) \(status) \(body)")
                continue
            }
        }
    }

    @Test(arguments: [400, 401, 403, 404, 422])
    func `what says that the configuration is wrong is no decline`(_ status: Int) {
        #expect(answer(.charge(Self.charge), status, #"{"status":"DECLINED"}"#) == .refused("it answered \(status)"))
        #expect(answer(.refund(Self.charge), status, "") == .refused("it answered \(status)"))
    }

    @Test func `Retry-After counts with 429 and 503`() {
        for status in [429, 503] {
            #expect(
                answer(.charge(Self.charge), status, "", .seconds(7))
                    == .unknown("it answered \(status)", retryAfter: .seconds(7)))
        }
        #expect(answer(.charge(Self.charge), 429, "") == .unknown("it answered 429"))
    }

    @Test func `Retry-After is read as seconds and as a date`() {
        let now = Timestamp(microseconds: 784_111_770_000_000)
        #expect(RetryAfter.duration("7", now: now) == .seconds(7))
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(7))
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:49:20 GMT", now: now) == .zero)
        for text in ["", "soon", "-1", "1.5", "99999999999", "Sun, 06 Now 1994 08:49:37 GMT"] {
            #expect(RetryAfter.duration(text, now: now) == nil, "\(text)")
        }
    }

    @Test func `what the gateway knows of a charge goes with what is known here, or does not`() {
        func record(_ status: Int, _ body: String = "") -> GatewayRecord { GatewayRecord(status: status, body: Array(body.utf8)) }
        #expect(record(200, #"{"status":"REFUNDED"}"#) == .known(.refunded))
        #expect(record(404) == .absent)
        #expect([405, 501].map { record($0) } == [.notOffered, .notOffered])
        #expect(record(200, "{nothing") == .unanswered("it answered 200"))
        for status in [PaymentStatus.pending, .unwanted, .refunding, .void] { #expect(GatewayRecord.absent.agrees(with: status)) }
        let agreeing: [PaymentStatus: [GatewayRecord]] = [
            .approved: [.known(.approved)],
            .failed: [.known(.declined), .known(.refunded), .absent],
            .refunded: [.known(.declined), .known(.refunded), .absent],
        ]
        for (status, records) in agreeing {
            for record in [.known(.approved), .known(.declined), .known(.refunded), .absent] as [GatewayRecord] {
                #expect(record.agrees(with: status) == records.contains(record), "\(status) \(record)")
            }
        }
    }
}
