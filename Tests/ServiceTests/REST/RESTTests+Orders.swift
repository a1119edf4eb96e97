import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

extension RESTTests {
    @Suite struct Orders {
        let orders = try! RESTClient(.order)

        @Test func `a new order is answered with 201, its place and itself`() async throws {
            let answer = try await orders.post("/orders", json: #"{"userId":1,"productId":1,"quantity":2,"amount":1000}"#)
            #expect(answer.status == 201)
            #expect(answer["Content-Type"] == "application/json")
            let json = try answer.json
            let id = try #require(json["orderId"]?.string)
            let time = try #require(json["createdAt"]?.string)
            #expect(
                answer.text
                    == #"{"orderId":"\#(id)","userId":1,"productId":1,"quantity":2,"amount":1000,"status":"PENDING","createdAt":"\#(time)","updatedAt":"\#(time)"}"#
            )
            #expect(answer["Location"] == "/orders/\(id)")
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            let age = Date().timeIntervalSince(try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(time))
            #expect(age > -1 && age < 60)
        }

        @Test func `the largest numbers are kept exactly`() async throws {
            let largest = 9_007_199_254_740_991
            let answer = try await orders.post(
                "/orders", json: RESTClient.body(user: largest, product: largest, quantity: largest, amount: largest))
            #expect(answer.status == 201)
            for member in ["userId", "productId", "quantity", "amount"] { #expect(try answer.json[member]?.integer == Int64(largest)) }
        }

        @Test func `an order with stock and money is approved`() async throws {
            let id = try await orders.place()
            let answer = try await orders.get("/orders/\(id)?wait=30s")
            let json = try answer.json
            let (created, updated) = (try #require(json["createdAt"]?.string), try #require(json["updatedAt"]?.string))
            #expect(
                answer.text
                    == #"{"orderId":"\#(id)","userId":1,"productId":1,"quantity":1,"amount":1000,"status":"APPROVED","createdAt":"\#(created)","updatedAt":"\#(updated)"}"#
            )
            #expect(created <= updated)
        }

        @Test(arguments: [
            (2, 1, 1, #"PAYMENT_FAILED","detail":"DECLINED"#), (1, 2, 6, #"INVENTORY_FAILED","detail":"OUT_OF_STOCK"#),
            (1, 999, 1, #"INVENTORY_FAILED","detail":"UNKNOWN_PRODUCT"#),
        ])
        func `an order that one side refuses is canceled for that reason`(
            _ user: Int, _ product: Int, _ quantity: Int, _ reason: String
        ) async throws {
            let id = try await orders.place(user: user, product: product, quantity: quantity)
            let answer = try await orders.get("/orders/\(id)?wait=30s")
            let json = try answer.json
            let (created, updated) = (try #require(json["createdAt"]?.string), try #require(json["updatedAt"]?.string))
            #expect(
                answer.text
                    == #"{"orderId":"\#(id)","userId":\#(user),"productId":\#(product),"quantity":\#(quantity),"amount":1000,"status":"CANCELED","reason":"\#(reason)","createdAt":"\#(created)","updatedAt":"\#(updated)"}"#
            )
            // Canceling what is canceled changes nothing, not even the reason.
            let again = try await orders.post("/orders/\(id)/cancel")
            #expect(again.status == 200)
            #expect(again.body == answer.body)
        }

        @Test func `an approved order cannot be canceled`() async throws {
            let id = try await orders.place()
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
            let refused = try await orders.post("/orders/\(id)/cancel")
            #expect(refused.status == 409)
            #expect(try refused.json["detail"]?.string == "order \(id) is APPROVED")
            #expect(try await orders.decided(id)["status"]?.string == "APPROVED")
        }

        @Test(arguments: ["019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "1", "not-a-uuid", "019a3c5e7b107c4e9d550f6a1b2c3d4e", "%00"])
        func `an unknown order is 404, with or without waiting, and canceling it too`(_ id: String) async throws {
            #expect(try await orders.get("/orders/\(id)").status == 404)
            #expect(try await orders.get("/orders/\(id)?wait=10s").status == 404)
            #expect(try await orders.post("/orders/\(id)/cancel").status == 404)
        }

        @Test(arguments: [
            "", "s", "0s", "0.0s", "-1s", "+1s", "10", "abc", "10x", "10%20s", "%2010s", "1e3s", "1E3s", "0x10s", "0X10s", "infs", "nans",
            ".5s", "5.s",
            "1,5s", "1.5.5s", "10S",
        ])
        func `a bad wait is 400`(_ wait: String) async throws {
            let id = try await orders.place()
            #expect(try await orders.get("/orders/\(id)?wait=\(wait)").status == 400)
        }

        @Test(arguments: ["1ms", "0.5s", "10m", "2h", "1000000d", "61s", String(repeating: "9", count: 400) + "s"])
        func `a good wait is answered at once for an order that is decided`(_ wait: String) async throws {
            let id = try await orders.place()
            _ = try await orders.decided(id)
            #expect(try await orders.get("/orders/\(id)?wait=\(wait)").status == 200)
        }

        @Test(.timeLimit(.minutes(20)))
        func `pages neither repeat nor miss an order while new ones come in`() async throws {
            var placed: [String] = []
            for _ in 0..<20 { placed.append(try await orders.place(user: 77)) }
            var seen: [String] = []
            var late: [String] = []
            var target = "/orders?limit=7"
            while placed.contains(where: { !seen.contains($0) }) {
                let page = try await orders.get(target).json
                let ids = try #require(page["orders"]?.array).compactMap { $0["orderId"]?.string }
                #expect(ids.count == 7)
                seen += ids
                let cursor = try #require(page["nextCursor"]?.string, "the last page came before all orders were seen")
                target = "/orders?limit=7&cursor=\(cursor)"
                late.append(try await orders.place(user: 77))
            }
            #expect(seen == seen.sorted(by: >))
            #expect(Set(seen).count == seen.count)
            #expect(late.allSatisfy { !seen.contains($0) })
        }

        @Test(.timeLimit(.minutes(20)))
        func `a page has 50 orders unless asked otherwise, and never more than 500`() async throws {
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 { group.addTask { for _ in 0..<51 { _ = try await orders.place(user: 3) } } }
                try await group.waitForAll()
            }
            #expect(try await orders.get("/orders").json["orders"]?.array?.count == 50)
            for limit in ["500", "501", "99999999999999999999"] {
                let page = try await orders.get("/orders?limit=\(limit)").json
                #expect(page["orders"]?.array?.count == 500)
                #expect(page["nextCursor"]?.string == page["orders"]?.array?.last?["orderId"]?.string)
            }
            #expect(try await orders.get("/orders?limit=1").json["orders"]?.array?.count == 1)
        }

        @Test(arguments: [
            "limit=0", "limit=-1", "limit=", "limit=ten", "limit=1.5", "limit=+5", "limit=%205", "status=", "status=pending", "status=DONE",
            "cursor=", "cursor=1", "cursor=019a3c5e", "cursor=00000000-0000-0000-0000-000000000000",
            "cursor=9f1c6f0e-3f57-4d58-9a39-6a1f7c1f2b3d", "cursor=0198a1f0-5c00-7abc-8def-0123456789ab",
            "status=APPROVED&cursor=0198a1f0-5c00-7abc-8def-0123456789ab",
            "userId=0", "userId=", "userId=+1", "userId=x", "userId=9007199254740992", "productId=-1", "reason=", "reason=payment_failed",
            "reason=PAYMENT_FAILED%20", "since=", "since=yesterday", "until=2026-01-31", "until=2026-02-31T00:00:00Z", "userid=1", "user=1",
            "%75serId=1", "limit=1&limit=2", "x", "wait=1s",
        ])
        func `a bad page is 400`(_ query: String) async throws {
            #expect(try await orders.get("/orders?\(query)").status == 400)
        }

        @Test func `orders can be asked for by what was ordered, by whom, when, and what came of it`() async throws {
            let (user, product) = (Int.random(in: 1000..<1 << 52), Int.random(in: 1000..<1 << 52))
            for product in [product, product, 1] { _ = try await orders.decided(try await orders.place(user: user, product: product)) }
            let mine = try #require(try await orders.get("/orders?userId=\(user)").json["orders"]?.array)
            #expect(mine.compactMap { $0["productId"]?.integer } == [1, Int64(product), Int64(product)])
            let since = try #require(mine[1]["createdAt"]?.string)
            for (query, expected) in [
                ("userId=\(user)&productId=\(product)", mine[1...]), ("productId=\(product)&reason=INVENTORY_FAILED", mine[1...]),
                ("productId=\(product)&status=APPROVED", []), ("userId=\(user)&since=\(since)", mine[...1]),
                ("userId=\(user)&until=\(since)", mine[2...]), ("userId=\(user)&since=\(since)&until=\(since)", []),
                ("userId=\(user)&since=2026-01-31T08:15:30%2B02:00&reason=INVENTORY_FAILED&status=CANCELED", mine[1...]),
            ] as [(String, ArraySlice<JSONValue>)] {
                #expect(try await orders.get("/orders?\(query)").json["orders"]?.array == Array(expected), "\(query)")
            }
        }

        @Test(arguments: ["PENDING", "APPROVED", "CANCELED"])
        func `orders can be asked for by status, page by page`(_ status: String) async throws {
            for _ in 0..<3 {
                _ = try await orders.decided(try await orders.place())
                _ = try await orders.decided(try await orders.place(user: 2))
            }
            var target = "/orders?status=\(status)&limit=2"
            for _ in 0..<2 where !target.isEmpty {
                let page = try await orders.get(target).json
                #expect(page["orders"]?.array?.allSatisfy { $0["status"]?.string == status } == true)
                if status != "PENDING" { #expect(page["orders"]?.array?.count == 2) }
                target = page["nextCursor"]?.string.map { "/orders?status=\(status)&limit=2&cursor=\($0)" } ?? ""
            }
        }
    }
}
