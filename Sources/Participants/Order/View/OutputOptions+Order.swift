import AdminAPI
import Wire
import Console

extension OutputOptions {
    func show(_ order: Order) throws {
        if json {
            try Output.json(order)
        } else {
            try Output.write(Listing.order(order, .current))
        }
    }
}
