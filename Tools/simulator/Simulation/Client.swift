import InventoryService
import OrderService
import PaymentService
import Saga
import SagaStore
import Store
import Wire

/// What one client asks for, and the key under which it asks.
struct ClientRequest {
    let key: String?
    let userID: Int64
    let productID: Int64
    let quantity: Int64

    static let amount: Int64 = 1250

    var body: [UInt8] {
        Array(#"{"userId":\#(userID),"productId":\#(productID),"quantity":\#(quantity),"amount":\#(ClientRequest.amount)}"#.utf8)
    }

    func terms(of id: OrderID) -> OrderTerms {
        OrderTerms(orderID: id, userID: userID, productID: productID, quantity: quantity, amount: ClientRequest.amount)
    }
}

/// Somebody who wants one order: asks until there is an answer, sometimes once more, and sometimes changes their mind.
final class Client {
    private let request: ClientRequest
    private let desk: OrderDesk
    private unowned let world: World
    private var attempts = 0

    init(number: Int, desk: OrderDesk, world: World) {
        self.desk = desk
        self.world = world
        request = ClientRequest(
            key: world.dice.chance(permille: 850) ? "client-\(number)" : nil,
            userID: Int64(world.dice.pick(1...4)), productID: Int64(world.dice.pick(1...World.products + 1)),
            quantity: Int64(world.dice.pick(1...3)))
    }

    func ask(after delay: Microseconds) {
        world.after(delay) { [self] in
            attempts += 1
            if attempts > 1 { world.happened(.clientRetry, at: desk.node) }
            var answer: OrderID?
            if desk.node.isUp {
                try desk.node.living {
                    do { answer = try desk.place(request) } catch is StoreError {}
                }
            }
            try continueWith(answer)
        }
    }

    private func continueWith(_ answer: OrderID?) throws {
        guard let answer else {
            // Without a key nobody can tell whether asking again orders again.
            if request.key != nil { ask(after: .milliseconds(world.dice.pick(50...500))) }
            return
        }
        try world.history.answered(request, answer)
        world.note(desk.node, "answered 201", UInt64(truncatingIfNeeded: answer.bits), "\(answer)")
        if request.key != nil, attempts < 4, world.strikes(.clientRetry) { ask(after: .milliseconds(world.dice.pick(1...2000))) }
        if attempts == 1, world.strikes(.clientCancel) { cancel(answer, after: .milliseconds(world.dice.pick(1...300))) }
    }

    private func cancel(_ id: OrderID, after delay: Microseconds) {
        world.after(delay) { [self] in
            guard desk.node.isUp else { return }
            try desk.node.living {
                do { try desk.cancel(id) } catch is StoreError {}
            }
        }
    }
}
