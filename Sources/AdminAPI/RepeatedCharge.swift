/// An order of which the order service has heard more than once that it was charged, each time as another event.
package struct RepeatedCharge: Codable, Hashable, Sendable {
    package let orderId: String
    package let charges: Int
    package let refunds: Int

    package init(orderId: String, charges: Int, refunds: Int) {
        self.orderId = orderId
        self.charges = charges
        self.refunds = refunds
    }
}

package struct RepeatedChargeList: Codable, Hashable, Sendable {
    package let orders: [RepeatedCharge]

    package init(orders: [RepeatedCharge]) { self.orders = orders }
}
