import SeededNumbers
import OrderService
import SagaTestSupport
import Saga
import Testing

/// Where the model checker's worlds grow too many: several orders that share their stock, with duplicates and interruptions at random.
@Suite struct RandomWalkTests {
    @Test("Many orders over shared stock end well, in whatever order things arrive", arguments: 1...40)
    func walk(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var world = SagaWorld(
            stock: [1: 6, 2: 3],
            setting: .init(
                declinedUsers: [2], remembersEvents: seed.isMultiple(of: 2), isExternal: seed.isMultiple(of: 5),
                interruptions: seed.isMultiple(of: 3) ? [] : [.canceledByClient, .deadlineExceeded]),
            mischief: 12)
        for _ in 0..<8 {
            try world.place(userID: .random(in: 1...3, using: &random), productID: .random(in: 1...3, using: &random), quantity: 2)
        }
        while !world.isAtRest {
            let moves = world.moves
            let kinds = Set(moves.map(\.kind)).sorted()
            // Deliveries come first most of the time: else nothing but mischief happens, of which there is most to choose from.
            let kind = Int.random(in: 0..<10, using: &random) < 8 ? 0 : kinds.randomElement(using: &random)!
            guard let move = moves.filter({ $0.kind == kind }).randomElement(using: &random) else { continue }
            try world.make(move)
        }
        try world.checkRest()
    }
}

extension SagaWorld.Move {
    fileprivate var kind: Int {
        switch self {
        case .deliver, .settle: 0
        case .redeliver: 1
        case .forge: 2
        case .interrupt: 3
        }
    }
}
