import Console
import AdminAPI

/// The sums over all reservations, to hold against the products' own counters.
struct Ledger {
    private struct Stock: Equatable {
        var reserved: Int64 = 0
        var sold: Int64 = 0
    }

    private(set) var orders = 0
    private var stock: [Int64: Stock] = [:]

    mutating func count(_ order: Order?, _ reservation: Reservation?) {
        if order != nil { orders += 1 }
        guard let reservation, let product = reservation.productId, let quantity = reservation.quantity else { return }
        switch reservation.status {
        case .reserved: stock[product, default: Stock()].reserved += quantity
        case .committed: stock[product, default: Stock()].sold += quantity
        case .released, .rejected, .void: break
        }
    }

    func agrees(_ product: Product) -> Bool {
        sum(product) == Stock(reserved: product.reserved, sold: product.sold - (product.purged ?? 0))
    }

    func problem(_ product: Product) -> String {
        let sum = sum(product)
        return "product \(product.productId) says reserved \(product.reserved) and sold \(product.sold), but its reservations add up to "
            + "reserved \(sum.reserved) and sold \(sum.sold + (product.purged ?? 0)): was inventory's database changed by hand or restored from a backup?"
    }

    private func sum(_ product: Product) -> Stock { stock[product.productId] ?? Stock() }
}
