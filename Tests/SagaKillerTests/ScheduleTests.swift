import AdminAPI
import struct Saga.ServiceName
import Testing

@testable import saga_killer

@Suite struct ScheduleTests {
    @Test(arguments: TransportKind.allCases)
    func `a seed strikes the same way each time, and another one in another way`(_ transport: TransportKind) {
        func cycles(_ seed: UInt64) -> [Schedule.Cycle] { (1...50).map(Schedule(seed: seed, transport: transport).cycle) }
        #expect(cycles(7) == cycles(7))
        #expect(cycles(7) != cycles(8))
    }

    @Test(arguments: TransportKind.allCases)
    func `everything happens to everybody, and to the broker where there is one`(_ transport: TransportKind) {
        var kinds: Set<String> = []
        for number in 1...1000 {
            switch Schedule(seed: 1, transport: transport).cycle(number).strike {
            case .kill(let victims, let pauses):
                #expect(Set(victims).count == pauses.count)
                kinds.insert("kill \(victims.sorted())")
            case .stop(let victim, let limit): kinds.insert("stop \(victim) \(limit == nil)")
            case .freeze(let victim, _, let endsInKill): kinds.insert("freeze \(victim) \(endsInKill)")
            case .brokerOutage: kinds.insert("broker outage")
            case .brokerLoss: kinds.insert("broker loss")
            }
        }
        // Seven sets of victims, and two ways each to stop and to freeze one of three.
        #expect(kinds.count == 7 + 6 + 6 + (transport == .kafka ? 2 : 0))
    }

    @Test func `every kind of order is placed`() {
        let wishes = (0..<1000).map { Wish(number: $0, seed: 1) }
        #expect(Set(wishes.map(\.key)).count == wishes.count)
        for kind in [
            { $0.isDoubled }, { $0.isCanceled }, { $0.request.userId == Wish.declinedUser }, { $0.request.productId == 2 },
            { $0.request.productId == 99 },
        ] as [(Wish) -> Bool] {
            #expect((30...300).contains(wishes.count(where: kind)))
        }
    }
}
