import Saga
package import SagaTestSupport
package import Testing
package import Wire

/// The REST interface of one service. Every answer is held against the OpenAPI document before it is handed on.
package struct RESTClient: Sendable {
    package let client: HTTPClient
    package let contract: OpenAPIContract

    package init(_ client: HTTPClient, contract: OpenAPIContract) {
        self.client = client
        self.contract = contract
    }

    package func get(
        _ target: String, headers: [(String, String)] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPAnswer {
        try await ask("GET", target, headers: headers, sourceLocation: sourceLocation)
    }

    package func post(
        _ target: String, json: String = "", headers: [(String, String)] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPAnswer {
        let headers = headers.contains { $0.0 == "Content-Type" } ? headers : [("Content-Type", "application/json")] + headers
        return try await ask("POST", target, headers: headers, body: Array(json.utf8), sourceLocation: sourceLocation)
    }

    package func ask(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPAnswer {
        let answer = try await client.ask(method, target, headers: headers, body: body)
        check(answer, to: method, target, sourceLocation: sourceLocation)
        return answer
    }

    /// For answers that came some other way.
    package func check(_ answer: HTTPAnswer, to method: String, _ target: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let problems = contract.problems(of: answer, to: method, target)
        #expect(problems.isEmpty, "\(method) \(target) is not answered as documented", sourceLocation: sourceLocation)
    }
}

/// Orders as a client places and watches them.
extension RESTClient {
    package static func body(user: Int = 1, product: Int = 1, quantity: Int = 1, amount: Int = 1000) -> String {
        #"{"userId":\#(user),"productId":\#(product),"quantity":\#(quantity),"amount":\#(amount)}"#
    }

    /// Places an order and gives back its id.
    package func place(user: Int = 1, product: Int = 1, quantity: Int = 1) async throws -> String {
        let answer = try await post("/orders", json: RESTClient.body(user: user, product: product, quantity: quantity))
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(try answer.json["orderId"]?.string)
    }

    package func cancel(_ id: String) async throws {
        #expect(try await post("/orders/\(id)/cancel").status == 200)
    }

    /// The order once it is decided.
    package func decided(_ id: String) async throws -> JSONValue {
        let order = try await get("/orders/\(id)?wait=30s").json
        try #require(order["status"] != .string("PENDING"), "the order is not decided")
        return order
    }

    /// Asks until the answer has one of the statuses; the other daemons hear of what was decided a moment later. Not there yet is not an
    /// error.
    @discardableResult
    package func get(_ target: String, until status: String, _ others: String...) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let answer = try await get(target)
            let json = try answer.json
            if let found = json["status"]?.string, found == status || others.contains(found) { return json }
            try #require(ContinuousClock.now < end, "\(target) did not become \(status) but \(answer.text)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
