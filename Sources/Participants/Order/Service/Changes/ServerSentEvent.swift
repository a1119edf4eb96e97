import NIOCore
import Saga
import Wire

/// What goes over `GET /orders/changes`: the event stream of the HTML standard, section 9.2.
enum ServerSentEvent {
    static func change(_ change: OrderChange) -> ByteBuffer {
        var event = ByteBuffer(string: "id: \(change.position)\nevent: order\ndata: ")
        event.writeBytes(change.order.json)
        event.writeStaticString("\n\n")
        return event
    }

    /// Nothing happened, but a client that breaks off before anything does knows where to go on.
    static func beginning(at position: Int64) -> ByteBuffer {
        ByteBuffer(string: "id: \(position)\n\n")
    }

    /// Keeps the connection open at whatever is in between.
    static let comment = ByteBuffer(string: ":\n\n")
}
