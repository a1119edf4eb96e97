import DequeModule

/// Which deliveries are on their way: those that are tried for the first time and those that are tried again have places of their own, so
/// that orders the receiver does not take hold up no other.
struct WebhookLanes: Sendable {
    /// How many may be on their way at once.
    static let places = 32
    /// Of these, how many may have failed before.
    static let placesAgain = 8

    private(set) var first: Set<Int64> = []
    private(set) var again: Set<Int64> = []
    private var ready: Deque<WebhookDelivery> = []
    /// Up to where new ones have been read.
    private(set) var read: Int64 = 0

    var wantsNew: Bool { ready.isEmpty }

    mutating func add(new: [WebhookDelivery]) {
        ready.append(contentsOf: new)
        read = new.last?.position ?? read
    }

    /// Who gets some says of each when it is `over`.
    mutating func next(due: [WebhookDelivery]) -> [WebhookDelivery] {
        var next: [WebhookDelivery] = []
        while first.count < Self.places - Self.placesAgain, let delivery = ready.popFirst() {
            first.insert(delivery.position)
            next.append(delivery)
        }
        for delivery in due where again.count < Self.placesAgain && again.insert(delivery.position).inserted { next.append(delivery) }
        return next
    }

    mutating func over(_ delivery: WebhookDelivery) {
        first.remove(delivery.position)
        again.remove(delivery.position)
    }
}
