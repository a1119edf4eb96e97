import InventoryService
import OrderService
import PaymentService
import Saga
import Testing

/// A small model checker: breadth first over every interleaving of one order's saga, so that a violation comes with the shortest way to it.
@Suite struct ModelCheckTests {
    struct Scenario: CustomTestStringConvertible, Sendable {
        var name: String
        var stock: [Int64: Int64] = [1: 5]
        var declined: Set<Int64> = []
        var interruptions: Set<CancelReason> = []
        var ends: Set<String>

        var testDescription: String { name }

        static let all = [
            Scenario(name: "approve", ends: ["APPROVED"]),
            Scenario(name: "the last piece", stock: [1: 2], ends: ["APPROVED"]),
            Scenario(name: "decline", declined: [1], ends: ["PAYMENT_FAILED"]),
            Scenario(name: "out of stock", stock: [1: 1], ends: ["INVENTORY_FAILED"]),
            Scenario(name: "unknown product", stock: [:], ends: ["INVENTORY_FAILED"]),
            Scenario(name: "both fail", stock: [1: 0], declined: [1], ends: ["PAYMENT_FAILED", "INVENTORY_FAILED"]),
            Scenario(name: "client cancels", interruptions: [.canceledByClient], ends: ["APPROVED", "CANCELED_BY_CLIENT"]),
            Scenario(name: "deadline passes", interruptions: [.deadlineExceeded], ends: ["APPROVED", "DEADLINE_EXCEEDED"]),
            Scenario(
                name: "client cancels while both fail at the deadline", stock: [1: 0], declined: [1],
                interruptions: [.canceledByClient, .deadlineExceeded],
                ends: ["PAYMENT_FAILED", "INVENTORY_FAILED", "CANCELED_BY_CLIENT", "DEADLINE_EXCEEDED"]),
        ]
    }

    @Test(
        "Fault 15, any order of arrival: model check, every interleaving of one order ends well",
        arguments: Scenario.all, [true, false])
    func everyInterleaving(scenario: Scenario, remembersEvents: Bool) throws {
        var world = SagaWorld(
            stock: scenario.stock,
            setting: .init(
                declinedUsers: scenario.declined, remembersEvents: remembersEvents, interruptions: scenario.interruptions),
            mischief: 1)
        try world.place(userID: 1, productID: 1, quantity: 2)
        #expect(try ModelChecker.explore(world) == scenario.ends)
    }

    @Test("Model check: a gateway that answers at any moment, every interleaving of one order ends well", arguments: Scenario.all)
    func everyAnswer(scenario: Scenario) throws {
        var world = SagaWorld(
            stock: scenario.stock,
            setting: .init(declinedUsers: scenario.declined, isExternal: true, interruptions: scenario.interruptions), mischief: 1)
        try world.place(userID: 1, productID: 1, quantity: 2)
        #expect(try ModelChecker.explore(world) == scenario.ends)
    }

    @Test("Model check: of two orders for the last piece one is approved, in every interleaving")
    func lastPiece() throws {
        var world = SagaWorld(stock: [1: 2], setting: .init(), mischief: 0)
        try world.place(userID: 1, productID: 1, quantity: 2)
        try world.place(userID: 2, productID: 1, quantity: 2)
        #expect(try ModelChecker.explore(world) == ["APPROVED, INVENTORY_FAILED", "INVENTORY_FAILED, APPROVED"])
    }
}

enum ModelChecker {
    struct Counterexample: Error, CustomStringConvertible {
        let violation: SagaWorld.Violation
        let moves: [SagaWorld.Move]

        var description: String {
            "\(violation), after\n" + moves.map { "  \($0)" }.joined(separator: "\n")
        }
    }

    /// Visits every world that can come of `start` and checks what always holds and what holds at rest.
    ///
    /// - Returns: how the orders can end.
    static func explore(_ start: SagaWorld) throws(Counterexample) -> Set<String> {
        var worlds = [start]
        var reachedBy: [(world: Int, move: SagaWorld.Move)?] = [nil]
        var seen: Set<SagaWorld> = [start]
        var ends: Set<String> = []
        var current = 0

        func way(to world: Int) -> [SagaWorld.Move] {
            var moves: [SagaWorld.Move] = []
            var world = world
            while let (before, move) = reachedBy[world] {
                moves.append(move)
                world = before
            }
            return moves.reversed()
        }

        while current < worlds.count {
            let world = worlds[current]
            if world.isAtRest {
                do { try world.checkRest() } catch { throw Counterexample(violation: error, moves: way(to: current)) }
                ends.insert(world.sagas.map { $0.order.status.reason ?? $0.order.status.name }.joined(separator: ", "))
            }
            for move in world.moves {
                var next = world
                do { try next.make(move) } catch { throw Counterexample(violation: error, moves: way(to: current) + [move]) }
                guard seen.insert(next).inserted else { continue }
                // A saga that goes on for ever is a violation too.
                guard worlds.count < 20_000 else {
                    throw Counterexample(violation: .init("there is no end to it"), moves: way(to: current) + [move])
                }
                worlds.append(next)
                reachedBy.append((current, move))
            }
            current += 1
        }
        return ends
    }
}

extension OrderStatus {
    var reason: String? {
        if case .canceled(let reason) = self { reason.rawValue } else { nil }
    }
}
