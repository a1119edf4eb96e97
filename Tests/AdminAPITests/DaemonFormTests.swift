import AdminAPI
import Foundation
import InventoryService
import OrderService
import PaymentService
import Saga
import SagaDaemon
import SagaTestSupport
import Testing
import Wire

/// What a daemon writes, what the client reads and what the OpenAPI document says are the same: nothing is lost in reading a form and
/// writing it again, each form is as its schema says, and the client knows exactly the members that the schema has.
@Suite struct DaemonFormTests {
    @Test func `an order`() throws {
        try expectSame(
            DaemonForms.orders, OrderService.document(), "Order",
            Order(
                orderId: "", userId: 1, productId: 1, quantity: 1, amount: 1, status: .canceled, reason: "", detail: "", createdAt: "",
                updatedAt: ""))
    }

    @Test func `a product`() throws {
        try expectSame(
            DaemonForms.products, InventoryService.document(), "Product", Product(productId: 1, available: 1, reserved: 1, sold: 1))
    }

    @Test func `a reservation`() throws {
        try expectSame(
            DaemonForms.reservations, InventoryService.document(), "Reservation",
            Reservation(orderId: "", productId: 1, quantity: 1, status: .reserved, createdAt: "", updatedAt: ""))
    }

    @Test func `a payment`() throws {
        try expectSame(
            DaemonForms.payments, PaymentService.document(), "Payment",
            Payment(
                paymentId: "", orderId: "", userId: 1, amount: 1, status: .failed, reason: "", createdAt: "", updatedAt: ""))
    }

    /// - Parameter full: a value of the client's with every member there may be.
    private func expectSame<Value: Codable>(_ forms: [[UInt8]], _ document: String, _ name: String, _ full: Value) throws {
        let document = try JSONValue(parsing: Array(document.utf8))
        let checker = JSONSchema(document: document)
        let schema = try #require(document["components"]?["schemas"]?[name])
        for form in forms {
            let text = String(decoding: form, as: UTF8.self)
            let problems = checker.problems(of: try JSONValue(parsing: form), as: schema)
            #expect(problems == [], "\(text)")
            let again = try AdminJSON.encode(AdminJSON.decode(Value.self, from: Data(form)))
            #expect(try members(Array(again)) == members(form), "\(text)")
        }
        let known = try members(Array(AdminJSON.encode(full))).map(\.name)
        #expect(known == schema["properties"]?.object?.members.map(\.name).sorted())
    }

    private func members(_ json: [UInt8]) throws -> [JSONObject.Member] {
        try JSONObject(parsing: json).members.sorted { $0.name < $1.name }
    }
}
