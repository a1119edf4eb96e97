package import Saga
package import Store
import Wire

extension Transaction {
    /// What is published of an order from now on no longer says whose it is: also what was published, should it be published again.
    package func forgetUser(inEventsOf order: OrderID) throws(StoreError) {
        let bodies = try connection.all("SELECT seq, body FROM outbox WHERE order_id = ?", .bits(order.bits)) {
            try ($0.natural(0), $0.bytes(1))
        }
        for (seq, body) in bodies {
            guard case .event(let event)? = try? DecodedBody(decoding: body), case let forgotten = event.withoutUser, forgotten != event
            else { continue }
            try connection.post("UPDATE outbox SET body = ? WHERE seq = ?", .bytes(forgotten.encoded()), .integer(seq))
        }
    }
}
