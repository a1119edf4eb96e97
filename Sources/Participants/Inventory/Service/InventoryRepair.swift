import Saga
import SagaStore
import Store
import Wire

/// What an operator has mended at inventory, from what the other services know. Each of it may be asked for twice.
extension InventoryReactions {
    /// The order came to nothing: what is held or was sold for it goes back to what is available, and the others hear of it.
    func giveBack(_ order: OrderID, in transaction: Transaction) throws -> Bool {
        guard var reservation = try transaction.reservation(order), let claim = reservation.answer?.claim,
            [.reserved, .committed].contains(reservation.status)
        else { return false }
        let before = reservation.status
        reservation.status = .released
        try transaction.save(reservation)
        if var stock = try transaction.stock(claim.productID) {
            let source: WritableKeyPath<Stock, Int64> = before == .reserved ? \.reserved : \.sold
            stock[keyPath: source] = max(0, stock[keyPath: source] - claim.quantity)
            stock.available += claim.quantity
            try transaction.save(stock)
        }
        let released = Emission(.inventoryReleased(claim), id: transaction.decide { $0.newID() })
        try EmissionRules(of: .inventory).require(released.event, on: .orderCanceled)
        try transaction.append(
            released, causation: nil, trace: TraceContext(order: order),
            transition: Transition(from: before.rawValue, to: ReservationStatus.released.rawValue))
        return true
    }

    /// The order was approved: its stock is sold. Where the product's counters have it already, and only the reservation was lost, they
    /// stay as they are.
    func sell(_ claim: StockClaim, in transaction: Transaction) throws -> Bool {
        let order = claim.orderID
        let known = try transaction.reservation(order)
        if known?.status == .committed, known?.answer?.claim == claim { return false }
        if known?.status == .reserved || known?.status == .committed { _ = try giveBack(order, in: transaction) }
        let id: EventID = known?.answer?.eventID ?? transaction.decide { $0.newID() }
        let sums = try transaction.reservedAndSold(of: claim.productID)
        try transaction.save(
            Reservation(orderID: order, status: .committed, answer: .init(eventID: id, claim: claim, failure: nil)))
        guard var stock = try transaction.stock(claim.productID), stock.sold - sums.sold < claim.quantity else { return true }
        stock.available = max(0, stock.available - claim.quantity)
        stock.sold += claim.quantity
        try transaction.save(stock)
        return true
    }

    /// What is reserved and sold of a product is what its reservations add up to, those of purged orders among them; what is available stays.
    func recount(_ productID: Int64, in transaction: Transaction) throws -> (before: Stock, after: Stock)? {
        guard let before = try transaction.stock(productID) else { return nil }
        let sums = try transaction.reservedAndSold(of: productID)
        var after = before
        (after.reserved, after.sold) = (sums.reserved, sums.sold)
        if after != before { try transaction.save(after) }
        return (before, after)
    }
}

extension Snapshot {
    /// The sums over all reservations of a product, and over those that were purged. Reads all of them: only for what an operator asks for.
    fileprivate func reservedAndSold(of productID: Int64) throws(StoreError) -> (reserved: Int64, sold: Int64) {
        let sums: (Int64, Int64) =
            try connection.first(
                """
                SELECT CAST(coalesce(sum(quantity) FILTER (WHERE status = 'RESERVED'), 0) AS BIGINT),
                    CAST(coalesce(sum(quantity) FILTER (WHERE status = 'COMMITTED'), 0) AS BIGINT)
                FROM reservation WHERE product_id = ? AND status IN ('RESERVED', 'COMMITTED')
                """, .integer(productID)
            ) { try ($0.natural(0), $0.natural(1)) } ?? (0, 0)
        return (sums.0, sums.1 + (try purgedSales(of: productID)))
    }
}
