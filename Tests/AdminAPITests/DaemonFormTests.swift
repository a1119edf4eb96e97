import AdminAPI
import Foundation
import Saga
import Testing
import Wire

/// The client's types are the forms that the daemons write: nothing is lost in reading one and writing it again.
@Suite struct DaemonFormTests {
    @Test(arguments: DaemonForms.orders)
    func `an order`(form: [UInt8]) throws { try expectKept(form, as: Order.self) }

    @Test(arguments: DaemonForms.products)
    func `a product`(form: [UInt8]) throws { try expectKept(form, as: Product.self) }

    @Test(arguments: DaemonForms.reservations)
    func `a reservation`(form: [UInt8]) throws { try expectKept(form, as: Reservation.self) }

    @Test(arguments: DaemonForms.payments)
    func `a payment`(form: [UInt8]) throws { try expectKept(form, as: Payment.self) }

    private func expectKept<Value: Codable>(_ form: [UInt8], as _: Value.Type) throws {
        let again = try AdminJSON.encode(AdminJSON.decode(Value.self, from: Data(form)))
        #expect(try members(Array(again)) == members(form), "\(String(decoding: form, as: UTF8.self))")
    }

    private func members(_ json: [UInt8]) throws -> [JSONObject.Member] {
        try JSONObject(parsing: json).members.sorted { $0.name < $1.name }
    }
}
