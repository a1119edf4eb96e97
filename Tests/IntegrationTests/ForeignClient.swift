import Foundation
import Kafka
import Saga
import SagaTestSupport

/// Somebody else on the topics, who says what a test wants said, byte by byte.
final class ForeignClient: Sendable {
    private let producer: KafkaProducer
    private let deliveries: Observed<[Int64: KafkaDelivery]>
    private let tokens = Observed<Int64>(0)

    init(_ broker: MockBrokerProcess) throws {
        let deliveries = Observed<[Int64: KafkaDelivery]>([:])
        producer = try KafkaProducer(
            properties: ["bootstrap.servers": broker.bootstrapServers, "linger.ms": "0"],
            onDelivery: { reports in deliveries.change { for report in reports { $0[report.token] = report } } })
        self.deliveries = deliveries
    }

    /// Returns when the broker has it, and where.
    @discardableResult
    func put(_ value: [UInt8]?, on service: ServiceName, key: String, headers: [KafkaHeader]) async throws -> KafkaDelivery {
        var token: Int64 = 0
        tokens.change {
            $0 += 1
            token = $0
        }
        let sent = token
        try producer.produce(
            KafkaRecord(topic: service.topic.rawValue, key: Array(key.utf8), value: value ?? [], headers: headers), token: sent)
        let delivery = try await deliveries.wait(for: "delivery") { $0[sent] }
        if let error = delivery.error { throw error }
        return delivery
    }

    /// An event with nothing but what is required of it.
    @discardableResult
    func tell(_ event: ForeignEvent, id: String = UUID().uuidString.lowercased(), times: Int = 1) async throws -> KafkaDelivery {
        var last: KafkaDelivery?
        for _ in 0..<times {
            last = try await put(
                Array(event.body.utf8), on: event.service, key: event.order, headers: [KafkaHeader("ce_id", Array(id.utf8))])
        }
        return last!
    }
}

/// An event in the words of the contract, written without the code that is tested.
struct ForeignEvent: Sendable {
    let service: ServiceName
    let order: String
    let body: String

    private init(_ service: ServiceName, _ type: String, _ order: String, _ members: String = "") {
        self.service = service
        self.order = order
        body = #"{"type":"\#(type)","payload":{"orderId":"\#(order)"\#(members)}}"#
    }

    static func newID() -> String { UUID().uuidString.lowercased() }

    static func created(_ order: String, user: Int = 1, product: Int = 1, quantity: Int = 1, amount: Int = 1000) -> Self {
        Self(.order, "ORDER_CREATED", order, #","userId":\#(user),"productId":\#(product),"quantity":\#(quantity),"amount":\#(amount)"#)
    }

    static func approved(_ order: String) -> Self { Self(.order, "ORDER_APPROVED", order) }

    static func canceled(_ order: String, reason: String = "CANCELED_BY_CLIENT") -> Self {
        Self(.order, "ORDER_CANCELED", order, #","reason":"\#(reason)""#)
    }

    static func reserved(_ order: String, product: Int = 1, quantity: Int = 1) -> Self {
        Self(.inventory, "INVENTORY_RESERVED", order, #","productId":\#(product),"quantity":\#(quantity)"#)
    }

    static func noStock(_ order: String, product: Int = 1, quantity: Int = 1, reason: String = "OUT_OF_STOCK") -> Self {
        Self(.inventory, "INVENTORY_FAILED", order, #","productId":\#(product),"quantity":\#(quantity),"reason":"\#(reason)""#)
    }

    static func released(_ order: String, product: Int = 1, quantity: Int = 1) -> Self {
        Self(.inventory, "INVENTORY_RELEASED", order, #","productId":\#(product),"quantity":\#(quantity)"#)
    }

    static func paid(_ order: String, user: Int = 1, amount: Int = 1000) -> Self {
        Self(.payment, "PAYMENT_APPROVED", order, #","paymentId":"\#(newID())","userId":\#(user),"amount":\#(amount)"#)
    }

    static func notPaid(_ order: String, user: Int = 1, amount: Int = 1000, reason: String = "DECLINED") -> Self {
        Self(.payment, "PAYMENT_FAILED", order, #","paymentId":"\#(newID())","userId":\#(user),"amount":\#(amount),"reason":"\#(reason)""#)
    }

    static func refunded(_ order: String, user: Int = 1, amount: Int = 1000) -> Self {
        Self(.payment, "PAYMENT_REFUNDED", order, #","paymentId":"\#(newID())","userId":\#(user),"amount":\#(amount)"#)
    }
}
