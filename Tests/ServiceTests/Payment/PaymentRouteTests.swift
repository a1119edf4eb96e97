import OrderService
import PaymentService
import Saga
import SagaStore
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// What is asked of the payment service, on its port and on its admin socket.
@Suite struct PaymentRouteTests {
    private static func charge(_ user: Int64 = 1, at service: PaymentInProcess) async throws -> (OrderID, PaymentID) {
        let order: OrderID = service.newID()
        try await service.hear(.orderCreated(OrderTerms(orderID: order, userID: user, productID: 1, quantity: 3, amount: 1000)))
        return (order, try #require(try await service.read { try $0.payment(order)?.answer?.claim.paymentID }))
    }

    @Test func `a payment is shown as it is`() async throws {
        try await PaymentInProcess.run { service in
            let payments = try RESTClient(service)
            let (approved, approvedID) = try await Self.charge(at: service)
            let (failed, failedID) = try await Self.charge(2, at: service)
            await service.time.advance(by: .seconds(5))
            let times = #""createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z""#
            #expect(
                try await payments.get("/payments/\(approved)").text
                    == #"{"paymentId":"\#(approvedID)","orderId":"\#(approved)","userId":1,"amount":1000,"status":"APPROVED",\#(times)}"#)
            #expect(
                try await payments.get("/payments/\(failed)").text
                    == #"{"paymentId":"\#(failedID)","orderId":"\#(failed)","userId":2,"amount":1000,"status":"FAILED","reason":"DECLINED",\#(times)}"#
            )
            try await service.hear(.orderCanceled(orderID: approved, reason: .deadlineExceeded))
            let refunded = try await payments.get("/payments/\(approved)").json
            #expect(refunded["status"]?.string == "REFUNDED" && refunded["updatedAt"]?.string == "2026-01-01T00:00:05.000Z")
            for unknown in ["019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "1", "x"] {
                #expect(try await payments.get("/payments/\(unknown)").status == 404)
            }
        }
    }

    @Test func `payments are listed page by page, those of the newest orders first`() async throws {
        try await PaymentInProcess.run { service in
            let payments = try RESTClient(service)
            var orders: [OrderID] = []
            for _ in 0..<5 { orders.append(try await Self.charge(at: service).0) }
            var (seen, target, pages) = ([String](), "/payments?limit=2", 0)
            while !target.isEmpty {
                let page = try await payments.get(target).json
                seen += try #require(page["payments"]?.array).compactMap { $0["orderId"]?.string }
                target = page["nextCursor"]?.string.map { "/payments?limit=2&cursor=\($0)" } ?? ""
                pages += 1
            }
            #expect(seen == orders.sorted(by: >).map(\.description) && pages == 3)
            for query in ["limit=0", "limit=x", "cursor=x", "cursor=019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "status=FAILED"] {
                #expect(try await payments.get("/payments?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func `a payment is repaired from what the others know, and asking twice changes nothing`() async throws {
        try await PaymentInProcess.run { service in
            let (order, _) = try await Self.charge(at: service)
            let (unknown, declined): (OrderID, OrderID) = (service.newID(), try await Self.charge(2, at: service).0)
            func repair(_ order: OrderID, _ body: String) async throws -> String {
                let answer = try await service.admin.post("/repair/\(order)", json: body)
                return "\(answer.status) \(try answer.json["changed"] == .bool(true))"
            }
            let count = service.published().count
            #expect(try await repair(order, #"{"outcome":"CANCELED"}"#) == "200 true")
            #expect(try await repair(order, #"{"outcome":"CANCELED"}"#) == "200 false")
            #expect(service.published().dropFirst(count).map(\.type) == [.paymentRefunded])
            let approved = #"{"outcome":"APPROVED","userId":1,"amount":500}"#
            #expect(try await repair(unknown, approved) == "200 true")
            #expect(try await repair(unknown, approved) == "200 false")
            #expect(try await service.read { try $0.payment(unknown)?.answer?.claim.amount } == 500)
            // The money is not there.
            for order in [order, declined] { #expect(try await repair(order, approved) == "409 false") }
            #expect(try await repair(unknown, #"{"outcome":"APPROVED"}"#) == "422 false")
            #expect(try await service.admin.post("/repair/x", json: approved).status == 404)
        }
    }

    @Test func `a user is forgotten where the payment is over and everybody has heard of it`() async throws {
        try await PaymentInProcess.run { service in
            let payments = try RESTClient(service)
            let ((mine, _), (others, _)) = (try await Self.charge(7, at: service), try await Self.charge(8, at: service))
            let forget = { try await service.admin.post("/users/forget", json: #"{"userId":7}"#).text }
            #expect(try await forget() == #"{"forgotten":0,"left":1}"#)
            service.deliver()
            #expect(try await forget() == #"{"forgotten":1,"left":0}"#)
            #expect(try await payments.get("/payments/\(mine)").json["userId"] == nil)
            #expect(try await payments.get("/payments/\(others)").json["userId"]?.integer == 8)
            #expect(try await service.admin.post("/users/forget", json: #"{"userId":0}"#).status == 422)
        }
    }

    @Test func `no gateway outside is asked about what none was asked for`() async throws {
        try await PaymentInProcess.run { service in
            let (order, _) = try await Self.charge(at: service)
            #expect(try await service.admin.post("/repair/gateway/\(order)").status == 409)
            #expect(try await service.admin.post("/repair/gateway/\(service.newID() as OrderID)").status == 404)
            #expect(try await service.admin.get("/gateway/differences").text == #"{"differences":[]}"#)
        }
    }
}
