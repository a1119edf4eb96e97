import AdminAPI

/// What a client wants of one order, and what must come of it.
struct Wish: Sendable, Equatable {
    let key: String
    let request: OrderRequest
    /// Two clients send the request at the same time, with the same key.
    let isDoubled: Bool
    /// The client cancels the order when it was accepted.
    let isCanceled: Bool

    static let initialStock: [Int64: Int64] = [plenty: 1_000_000_000, scarce: 200]
    static let declinedUser: Int64 = 2
    private static let plenty: Int64 = 1
    private static let scarce: Int64 = 2
    private static let unknown: Int64 = 99

    init(number: Int, seed: UInt64) {
        // The schedule has the same seed.
        var dice = Dice(seed: ~seed, number: number)
        let user = dice.chance(percent: 15) ? Wish.declinedUser : Int64.random(in: 3...1000, using: &dice)
        let product = dice.chance(percent: 75) ? Wish.plenty : dice.chance(percent: 60) ? Wish.scarce : Wish.unknown
        self.init(
            key: "key-\(number)",
            request: OrderRequest(
                userId: user, productId: product, quantity: .random(in: 1...3, using: &dice), amount: .random(in: 1...10_000, using: &dice)),
            isDoubled: dice.chance(percent: 15), isCanceled: dice.chance(percent: 15))
    }

    init(key: String, request: OrderRequest, isDoubled: Bool = false, isCanceled: Bool = false) {
        self.key = key
        self.request = request
        self.isDoubled = isDoubled
        self.isCanceled = isCanceled
    }

    /// Whether the order may end so.
    func allows(_ end: Order) -> Bool {
        switch (end.status, end.reason) {
        case (.approved, nil): request.userId != Wish.declinedUser && request.productId != Wish.unknown
        case (.canceled, "PAYMENT_FAILED"): request.userId == Wish.declinedUser
        case (.canceled, "INVENTORY_FAILED"): request.productId != Wish.plenty
        case (.canceled, "CANCELED_BY_CLIENT"): isCanceled
        default: false
        }
    }

    /// The same bytes each time, as the key asks for.
    var body: String {
        #"{"userId":\#(request.userId),"productId":\#(request.productId),"quantity":\#(request.quantity),"amount":\#(request.amount)}"#
    }
}
