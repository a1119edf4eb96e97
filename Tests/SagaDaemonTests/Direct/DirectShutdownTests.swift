import Foundation
import Saga
import DirectTransport
import SagaStore
import Store
import SagaTestSupport
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct DirectShutdownTests {
    let directory = try! TestDirectory()

    @Test func aFollowerThatLagsGetsTheRestBeforeTheStop() async throws {
        let order = try TestDaemon(.order, in: directory)
        let entered = Observed<[Int]>([])
        let inventory = try TestDaemon(.inventory, in: directory) { records in
            entered.append(records.count)
            try await Task.sleep(for: .milliseconds(20))
        }
        try await order.start()
        try await inventory.start()
        try await order.tell(1)
        try await entered.wait(for: 1)
        try await order.tell(5000)
        try await order.stop()
        #expect(inventory.offsets(from: .order) == Array(1...5001))
        #expect(order.log.acknowledged(by: "inventory") == 5001)
        try await inventory.stop()
    }

    @Test func idleFollowersDoNotDelayTheStop() async throws {
        let daemons = try ServiceName.allCases.map { try TestDaemon($0, in: directory) }
        for daemon in daemons {
            try await daemon.tell(10)
            try await daemon.start()
        }
        for daemon in daemons { try await daemon.received.wait(for: 20) }
        for daemon in daemons {
            let began = ContinuousClock.now
            try await daemon.stop()
            #expect(ContinuousClock.now - began < .seconds(1))
            #expect(!FileManager.default.fileExists(atPath: directory.socket(of: daemon.service)))
        }
    }

    @Test func aFollowerThatIsStuckDelaysTheStopByTwoSecondsOnly() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(20_000)
        try await order.start()
        let stuck = try await TestPeer(connectingTo: directory.socket(of: .order), autoRead: false)
        try await stuck.send(.hello(.init(follower: "inventory", position: nil)))
        try await order.events.wait { $0.contains(.followerConnected("inventory", after: 0)) }
        let began = ContinuousClock.now
        try await order.stop()
        #expect(ContinuousClock.now - began > .seconds(1.9))
        #expect(ContinuousClock.now - began < .seconds(4))
        stuck.close()
    }

    @Test func theBatchInHandIsFinishedBeforeTheStop() async throws {
        let order = try TestDaemon(.order, in: directory)
        let entered = Observed<[Int]>([])
        let gate = Observed<[Void]>([])
        let inventory = try TestDaemon(.inventory, in: directory) { records in
            entered.append(records.count)
            try await gate.wait(for: 1)
        }
        try await order.tell(3)
        try await order.start()
        try await inventory.start()
        try await entered.wait(for: 1)
        async let stopped: Void = inventory.stop()
        gate.append(())
        try await stopped
        #expect(inventory.offsets(from: .order) == [1, 2, 3])
        #expect(try await inventory.database.read { try $0.position(in: .order)?.seq } == 3)
        try await order.stop()
    }
}
