package import Wire

package enum OrderEntity {}
package enum EventEntity {}
package enum PaymentEntity {}
package enum DeadLetterEntity {}

package typealias OrderID = ID<OrderEntity>
package typealias EventID = ID<EventEntity>
package typealias PaymentID = ID<PaymentEntity>
package typealias DeadLetterID = ID<DeadLetterEntity>
