import NIOCore
import OrderService
import HTTPServer
import Testing
import Wire

/// The control over a service that is simulated: a queue of creates, a queue of sagas behind it, and a capacity, in steps of 5 ms.
@Suite struct OverloadControlTests {
    /// Serves first come, first served, so many a second at each stage.
    private struct Plant {
        var control: OverloadControl
        var now = SteadyClock.system.now
        /// A second.
        var createRate = 6000.0
        var sagaRate = 4000.0
        var verdicts: [ClientAddress: (granted: Int, exhausted: Int, unfair: Int)] = [:]
        var finished = 0
        var postDelays: [Duration] = []
        var finalDelays: [Duration] = []
        private var creates: [(client: ClientAddress, since: SteadyClock.Instant)] = []
        private var sagas: [SteadyClock.Instant] = []
        private var createCredit = 0.0
        private var sagaCredit = 0.0
        private var demands: [ClientAddress: Double] = [:]

        static let step = Duration.milliseconds(5)

        init() {
            control = OverloadControl(at: now)
        }

        mutating func post(from client: ClientAddress) {
            let unfinished = sagas.count
            var counts = verdicts[client] ?? (0, 0, 0)
            switch control.ask(client, unfinished: { unfinished }, at: now) {
            case .granted:
                counts.granted += 1
                creates.append((client, now))
            case .exhausted: counts.exhausted += 1
            case .unfair: counts.unfair += 1
            }
            verdicts[client] = counts
        }

        /// Each client sends at its rate, whatever becomes of it.
        mutating func run(_ seconds: Double, offered: [ClientAddress: Double]) {
            for _ in 0..<Int(seconds / (Plant.step / .seconds(1))) {
                for (client, rate) in offered {
                    demands[client, default: 0] += rate * (Plant.step / .seconds(1))
                    while demands[client]! >= 1 {
                        demands[client]! -= 1
                        post(from: client)
                    }
                }
                advance()
            }
        }

        mutating func advance() {
            now = now + Plant.step
            createCredit = min(createCredit, 50) + createRate * (Plant.step / .seconds(1))
            sagaCredit = min(sagaCredit, 50) + sagaRate * (Plant.step / .seconds(1))
            while createCredit >= 1, let create = creates.first {
                createCredit -= 1
                creates.removeFirst()
                control.left(after: now - create.since)
                postDelays.append(now - create.since)
                sagas.append(create.since)
            }
            while sagaCredit >= 1, let since = sagas.first {
                sagaCredit -= 1
                sagas.removeFirst()
                control.finished(after: now - since)
                finalDelays.append(now - since)
                finished += 1
            }
        }

        mutating func forget() {
            (finished, postDelays, finalDelays, verdicts) = (0, [], [], [:])
        }

        var refused: Int { verdicts.values.map { $0.exhausted + $0.unfair }.reduce(0, +) }
    }

    private static let alice = try! ClientAddress(SocketAddress(ipAddress: "127.0.0.1", port: 1))
    private static let bob = try! ClientAddress(SocketAddress(ipAddress: "127.0.0.2", port: 1))
    private static let carol = try! ClientAddress(SocketAddress(ipAddress: "127.0.0.3", port: 1))

    @Test(arguments: [(6000.0, 4000.0), (4000, 6000), (500, 300), (300, 500), (8000, 8000)], [1.5, 2, 5])
    func `under a multiple of the capacity it does what it can, and the delays stay bounded`(
        _ rates: (creates: Double, sagas: Double), factor: Double
    ) {
        var plant = Plant()
        (plant.createRate, plant.sagaRate) = rates
        let capacity = min(rates.creates, rates.sagas)
        plant.run(30, offered: [Self.alice: capacity * factor])
        plant.forget()
        plant.run(30, offered: [Self.alice: capacity * factor])
        #expect(Double(plant.finished) > 0.95 * 30 * capacity)
        // What is no overload, however slow the machine is, takes its time; the rest is a few times the target.
        #expect(plant.postDelays.max()! < max(.milliseconds(600), .seconds(700 / capacity)))
        #expect(plant.finalDelays.max()! < max(.seconds(3), .seconds(5000 / capacity)))
        #expect(plant.verdicts[Self.alice]!.unfair == 0)
        #expect(plant.refused > 0)
    }

    @Test func `everybody is let in when the overload is over`() {
        var plant = Plant()
        plant.run(10, offered: [Self.alice: 12_000])
        #expect(plant.refused > 0)
        plant.run(5, offered: [Self.alice: 1000])
        plant.forget()
        plant.run(10, offered: [Self.alice: 3900])
        #expect(plant.refused == 0)
        #expect(!plant.control.isRestricted(at: plant.now))
    }

    @Test func `a service that nobody asks any more is not restricted`() {
        var plant = Plant()
        plant.run(10, offered: [Self.alice: 12_000])
        #expect(plant.control.isRestricted(at: plant.now))
        for _ in 0..<400 { plant.advance() }
        #expect(!plant.control.isRestricted(at: plant.now))
    }

    @Test(arguments: [(4000.0, 4000.0), (300, 200)])
    func `a burst of 2,000 orders on a service at rest is accepted`(_ rates: (creates: Double, sagas: Double)) {
        var plant = Plant()
        (plant.createRate, plant.sagaRate) = rates
        for _ in 0..<2000 { plant.post(from: Self.alice) }
        for _ in 0..<4000 { plant.advance() }
        #expect(plant.refused == 0)
        #expect(plant.finished == 2000)
    }

    @Test func `as much as can be done is accepted, for as long as it takes`() {
        var plant = Plant()
        plant.run(60, offered: [Self.alice: 3900])
        #expect(plant.refused == 0)
    }

    @Test func `orders that nobody decides are no overload, and neither are those that are decided when the others are back`() {
        var plant = Plant()
        plant.run(2, offered: [Self.alice: 1000])
        plant.sagaRate = 0
        plant.run(20, offered: [Self.alice: 1000])
        #expect(plant.refused == 0)
        plant.sagaRate = 4000
        plant.run(20, offered: [Self.alice: 1000])
        #expect(plant.refused == 0)
        #expect(plant.finalDelays.last! < .milliseconds(20))
    }

    @Test func `a stall of the disk refuses nobody`() {
        var plant = Plant()
        plant.run(5, offered: [Self.alice: 3000])
        (plant.createRate, plant.sagaRate) = (0, 0)
        plant.run(2, offered: [Self.alice: 200])
        (plant.createRate, plant.sagaRate) = (6000, 4000)
        plant.run(5, offered: [Self.alice: 3000])
        #expect(plant.refused == 0)
    }

    @Test func `who wants little gets it, who wants more than a fair share is told so`() {
        var plant = Plant()
        let offered = [Self.alice: 20_000.0, Self.bob: 200, Self.carol: 500]
        plant.run(10, offered: offered)
        plant.forget()
        plant.run(30, offered: offered)
        for patient in [Self.bob, Self.carol] {
            let verdict = plant.verdicts[patient]!
            #expect(verdict.exhausted + verdict.unfair == 0)
            #expect(Double(verdict.granted) >= 0.99 * 30 * offered[patient]!)
        }
        let flood = plant.verdicts[Self.alice]!
        #expect(flood.unfair > 100 * max(1, flood.exhausted))
        #expect(Double(plant.finished) > 0.95 * 30 * 4000)
    }

    @Test func `clients that all want too much get the same`() {
        var plant = Plant()
        let offered = [Self.alice: 20_000.0, Self.bob: 5000, Self.carol: 5000]
        plant.run(10, offered: offered)
        plant.forget()
        plant.run(30, offered: offered)
        let granted = plant.verdicts.values.map { Double($0.granted) }
        #expect(granted.max()! < 1.1 * granted.min()!)
    }
}
