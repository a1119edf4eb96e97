import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

extension RESTTests {
    @Suite struct IdempotencyKeys {
        let orders = try! RESTClient(.order)

        private func place(_ body: String, key: String) async throws -> HTTPAnswer {
            try await orders.post("/orders", json: body, headers: [("Idempotency-Key", key)])
        }

        @Test func `the same request again has the same answer, also when the order was decided since`() async throws {
            let key = UUID().uuidString
            let first = try await place(RESTClient.body(), key: key)
            #expect(first.status == 201)
            let id = try #require(try first.json["orderId"]?.string)
            for isDecided in [false, true] {
                if isDecided { #expect(try await orders.decided(id)["status"]?.string == "APPROVED") }
                let again = try await place(RESTClient.body(), key: key)
                #expect(again.status == 201)
                #expect(again.body == first.body)
                #expect(again["Location"] == first["Location"])
            }
        }

        @Test(arguments: [RESTClient.body(amount: 1001), RESTClient.body() + " "])
        func `another body with the same key is 422`(_ other: String) async throws {
            let key = UUID().uuidString
            #expect(try await place(RESTClient.body(), key: key).status == 201)
            #expect(try await place(other, key: key).status == 422)
            #expect(try await place(RESTClient.body(), key: key).status == 201)
        }

        @Test func `many requests with one key at the same time make one order`() async throws {
            let key = UUID().uuidString
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await place(RESTClient.body(user: 4711), key: key) } }
                return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(Set(answers.map(\.body)).count == 1)
            var found = 0
            var target = "/orders?limit=500"
            while !target.isEmpty {
                let page = try await orders.get(target).json
                found += page["orders"]?.array?.count { $0["userId"]?.integer == 4711 } ?? 0
                target = page["nextCursor"]?.string.map { "/orders?limit=500&cursor=\($0)" } ?? ""
            }
            #expect(found == 1)
        }

        @Test func `what was refused is not kept`() async throws {
            let key = UUID().uuidString
            #expect(try await place(RESTClient.body(quantity: 0), key: key).status == 422)
            #expect(try await place("{", key: key).status == 400)
            #expect(try await place(RESTClient.body(), key: key).status == 201)
        }

        @Test(arguments: ["", " ", "a b", "a\tb", "schlüssel", String(repeating: "k", count: 256)])
        func `a key that is not 1 to 255 visible ASCII characters is 400`(_ key: String) async throws {
            #expect(try await place(RESTClient.body(), key: key).status == 400)
        }

        @Test func `two keys are none`() async throws {
            let answer = try await orders.post(
                "/orders", json: RESTClient.body(), headers: [("Idempotency-Key", "a"), ("Idempotency-Key", "b")])
            #expect(answer.status == 400)
        }

        @Test(arguments: ["!", "~", UUID().uuidString + String(repeating: "k", count: 219), #""quoted"-\#(UUID())"#])
        func `any visible ASCII will do`(_ key: String) async throws {
            let first = try await place(RESTClient.body(), key: key)
            #expect(first.status == 201)
            #expect(try await place(RESTClient.body(), key: key).body == first.body)
        }
    }
}
