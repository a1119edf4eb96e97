import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

extension RESTTests {
    /// What inventory and payment say of orders, where all three daemons run.
    @Suite struct Participants {
        let orders = try! RESTClient(.order)
        let inventory = try! RESTClient(.inventory)
        let payments = try! RESTClient(.payment)

        /// When it came to be and last changed, as the answer says it, since nobody can know it.
        private func times(of answer: HTTPAnswer) throws -> String {
            let (created, updated) = (try answer.json["createdAt"]?.string, try answer.json["updatedAt"]?.string)
            #expect(try #require(created) <= #require(updated))
            return #""createdAt":"\#(created!)","updatedAt":"\#(updated!)""#
        }

        @Test func `an approved order has sold stock and a payment`() async throws {
            let id = try await orders.place(quantity: 2)
            _ = try await orders.decided(id)
            _ = try await inventory.get("/reservations/\(id)", until: "COMMITTED")
            let reservation = try await inventory.get("/reservations/\(id)")
            #expect(
                reservation.text
                    == #"{"orderId":"\#(id)","productId":1,"quantity":2,"status":"COMMITTED",\#(try times(of: reservation))}"#)
            let payment = try await payments.get("/payments/\(id)")
            let paymentID = try #require(try payment.json["paymentId"]?.string)
            #expect(UUID(uuidString: paymentID) != nil)
            #expect(
                payment.text
                    == #"{"paymentId":"\#(paymentID)","orderId":"\#(id)","userId":1,"amount":1000,"status":"APPROVED",\#(try times(of: payment))}"#
            )
        }

        @Test func `a declined payment has a reason, and the stock is given back or was never taken`() async throws {
            let id = try await orders.place(user: 2)
            _ = try await orders.decided(id)
            let payment = try await payments.get("/payments/\(id)")
            let paymentID = try #require(try payment.json["paymentId"]?.string)
            #expect(
                payment.text
                    == #"{"paymentId":"\#(paymentID)","orderId":"\#(id)","userId":2,"amount":1000,"status":"FAILED","reason":"DECLINED",\#(try times(of: payment))}"#
            )
            // Inventory may hear of the decline before it hears of the order.
            _ = try await inventory.get("/reservations/\(id)", until: "RELEASED", "VOID")
        }

        @Test(arguments: [(2, 6), (999, 1)])
        func `an order that stock does not cover is REJECTED and not charged in the end`(_ product: Int, _ quantity: Int) async throws {
            let id = try await orders.place(product: product, quantity: quantity)
            let order = try await orders.decided(id)
            #expect(order["detail"]?.string == (product == 999 ? "UNKNOWN_PRODUCT" : "OUT_OF_STOCK"))
            let reservation = try await inventory.get("/reservations/\(id)")
            #expect(
                reservation.text
                    == #"{"orderId":"\#(id)","productId":\#(product),"quantity":\#(quantity),"status":"REJECTED",\#(try times(of: reservation))}"#
            )
            _ = try await payments.get("/payments/\(id)", until: "REFUNDED", "VOID")
        }

        @Test func `products are listed in order of their ids as numbers, and operators can add some`() async throws {
            let admin = try #require(SuiteInProcess.current).admin(.inventory)
            #expect(
                try await admin.put("/stock/10", json: #"{"available":7}"#).text == #"{"productId":10,"available":7,"reserved":0,"sold":0}"#
            )
            func adjust(_ product: Int, _ body: String) async throws -> (status: Int, text: String) {
                let answer = try await admin.post("/stock/\(product)/adjust", json: body)
                return (answer.status, answer.text)
            }
            #expect(try await adjust(10, #"{"by":5}"#) == (200, #"{"productId":10,"available":12,"reserved":0,"sold":0}"#))
            #expect(try await adjust(10, #"{"by":-12}"#) == (200, #"{"productId":10,"available":0,"reserved":0,"sold":0}"#))
            #expect(try await adjust(10, #"{"by":-1}"#).status == 409)
            #expect(try await adjust(10, #"{"by":9007199254740991}"#).status == 200)
            #expect(try await adjust(10, #"{"by":1}"#).status == 422)
            #expect(try await adjust(10, #"{"by":1.5}"#).status == 422)
            #expect(try await adjust(404, #"{"by":1}"#).status == 404)
            #expect(try await admin.put("/stock/10", json: #"{"available":7}"#).status == 200)
            let products = try #require(try await inventory.get("/inventory").json["products"]?.array).compactMap {
                $0["productId"]?.integer
            }
            #expect(products == products.sorted())
            #expect(products.starts(with: [1, 2]))
            #expect(products.contains(10))
            #expect(try await inventory.get("/inventory/10").text == #"{"productId":10,"available":7,"reserved":0,"sold":0}"#)
        }

        @Test(arguments: ["999", "0", "-1", "+1", "x", "1.0", "9007199254740992", "99999999999999999999"])
        func `an unknown product is 404`(_ product: String) async throws {
            #expect(try await inventory.get("/inventory/\(product)").status == 404)
        }

        @Test(arguments: ["019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "1", "not-a-uuid"])
        func `of an unknown order nothing is known`(_ order: String) async throws {
            #expect(try await inventory.get("/reservations/\(order)").status == 404)
            #expect(try await payments.get("/payments/\(order)").status == 404)
        }

        @Test func `payments are listed page by page, those of the newest orders first`() async throws {
            var placed: [String] = []
            for _ in 0..<9 { placed.append(try await orders.place()) }
            for id in placed { _ = try await orders.decided(id) }
            var seen: [String] = []
            var target = "/payments?limit=4"
            while placed.contains(where: { !seen.contains($0) }) {
                try #require(!target.isEmpty, "the last page came before all payments were seen")
                let page = try await payments.get(target).json
                seen += try #require(page["payments"]?.array).compactMap { $0["orderId"]?.string }
                target = page["nextCursor"]?.string.map { "/payments?limit=4&cursor=\($0)" } ?? ""
            }
            #expect(seen == seen.sorted(by: >))
            #expect(Set(seen).count == seen.count)
        }

        @Test(arguments: [
            "limit=0", "limit=-1", "limit=x", "limit=", "cursor=1", "cursor=", "cursor=00000000-0000-0000-0000-000000000000",
            "cursor=9f1c6f0e-3f57-4d58-9a39-6a1f7c1f2b3d", "cursor=0198a1f0-5c00-7abc-8def-0123456789ab",
        ])
        func `a bad page of payments is 400`(_ query: String) async throws {
            #expect(try await payments.get("/payments?\(query)").status == 400)
        }
    }
}
