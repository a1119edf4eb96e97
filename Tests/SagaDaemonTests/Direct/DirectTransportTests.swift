import Foundation
import NIOCore
import NIOPosix
import Saga
import DirectTransport
import SagaStore
import Store
import SagaTestSupport
import Synchronization
import Testing
import Posix
import Wire
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct DirectTransportTests {
    let directory = try! TestDirectory()

    @Test func aFollowerReadsFromTheStartAndGoesOnWithWhatComes() async throws {
        let order = try TestDaemon(.order, in: directory)
        let inventory = try TestDaemon(.inventory, in: directory)
        try await order.tell(1000)
        try await order.start()
        try await inventory.start()
        let old = try await inventory.received.wait(for: 1000)
        #expect(old.map(\.offset) == Array(1...1000))
        try await order.tell(1)
        let all = try await inventory.received.wait(for: 1001)

        let told = try await order.database.read { try $0.outbox(after: 1000, limit: 1) }[0]
        let record = all[1000]
        #expect(record.topic == "order-events")
        #expect(record.partition == 0)
        #expect(record.offset == 1001)
        #expect(record.key == Array(told.orderID.description.utf8))
        #expect(record.value == told.body)
        #expect(record.attributes == .read(id: told.eventID, time: told.occurredAt, causation: told.causation, trace: told.trace))
        let saved = try await inventory.database.read { try $0.position(in: .order) }
        #expect(try await saved == LogPosition(logID: #require(order.database.read { try $0.logID() }), seq: 1001, eventID: told.eventID))
        try await order.stop()
        try await inventory.stop()
    }

    @Test(arguments: [
        [ServiceName.order, .inventory, .payment], [.payment, .order, .inventory], [.inventory, .payment, .order],
    ])
    func theDaemonsStartInAnyOrderAndEachHearsTheOthers(_ services: [ServiceName]) async throws {
        let daemons = try services.map { try TestDaemon($0, in: directory) }
        for daemon in daemons {
            try await daemon.tell(10)
            try await daemon.start()
        }
        for daemon in daemons {
            try await daemon.received.wait(for: 20)
            for peer in ServiceName.allCases where peer != daemon.service { #expect(daemon.offsets(from: peer) == Array(1...10)) }
            #expect(daemon.transport.status.isConnected)
            #expect(daemon.transport.status.problems == [])
        }
        for daemon in daemons {
            try await daemon.stop()
            #expect(daemon.transport.status.lag == 0)
        }
    }

    @Test func aNewEventReachesAWaitingPeerAtOnce() async throws {
        let order = try TestDaemon(.order, in: directory)
        let arrived = Observed<[ContinuousClock.Instant]>([])
        let inventory = try TestDaemon(.inventory, in: directory) { _ in arrived.append(.now) }
        try await order.start()
        try await inventory.start()
        var delays: [Duration] = []
        for round in 1...100 {
            try await order.tell(1)
            let told = ContinuousClock.now
            let arrivals = try await arrived.wait(for: round)
            delays.append(arrivals[round - 1] - told)
        }
        // Far from any interval that polling could have; the machine may be busy.
        #expect(delays.sorted()[50] < .milliseconds(20))
        try await order.stop()
        try await inventory.stop()
    }

    @Test func aPeerThatComesBackIsFollowedFromWhereItWasLeft() async throws {
        var order = try TestDaemon(.order, in: directory)
        let inventory = try TestDaemon(.inventory, in: directory)
        try await order.tell(100)
        try await order.start()
        try await inventory.start()
        for round in 1...5 {
            try await inventory.received.wait(for: round * 100)
            await order.kill()
            try await inventory.events.wait { $0.count { if case .peerDisconnected(.order, _) = $0 { true } else { false } } >= round }
            order = TestDaemon(resuming: order)
            try await order.tell(100)
            try await order.start()
        }
        let all = try await inventory.received.wait(for: 600)
        #expect(all.map(\.offset) == Array(1...600))
        try await inventory.stop()
        try await order.stop()
    }

    @Test func aPeerThatKeepsSilentIsLeftForTheOneThatTakesItsPlace() async throws {
        let order = try TestDaemon(.order, in: directory)
        let path = directory.socket(of: .order)
        let connections = Observed(0)
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                connections.change { $0 += 1 }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(unixDomainSocketPath: path).get()
        let inventory = try TestDaemon(.inventory, in: directory, patience: 100)
        try await inventory.start()
        try await connections.wait(for: "a second attempt") { $0 >= 2 ? () : nil }
        // The former one still has its socket, as a process does that hangs.
        try FileManager.default.removeItem(atPath: path)
        try await order.tell(10)
        try await order.start()
        try await inventory.received.wait(for: 10)
        try await silent.close()
        try await inventory.stop()
        try await order.stop()
    }

    @Test func aFollowerThatComesBackGoesOnFromThePositionItSaved() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.start()
        var offsets: [Int64] = []
        var inventory = try TestDaemon(.inventory, in: directory)
        for round in 1...3 {
            try await inventory.start()
            try await order.tell(500)
            try await inventory.received.wait { ($0.last?.offset ?? 0) >= Int64(round * 500) }
            await inventory.kill()
            offsets += inventory.offsets(from: .order)
            inventory = TestDaemon(resuming: inventory)
        }
        #expect(offsets == Array(1...1500))
        try await order.stop()
    }

    @Test func acknowledgementsReachTheOutboxLog() async throws {
        let order = try TestDaemon(.order, in: directory)
        let inventory = try TestDaemon(.inventory, in: directory)
        let payment = try TestDaemon(.payment, in: directory)
        try await order.tell(300)
        try await order.start()
        try await inventory.start()
        try await inventory.received.wait(for: 300)
        #expect(order.log.published == 0)
        try await payment.start()
        try await payment.received.wait(for: 300)
        // A graceful stop waits for the acknowledgements.
        try await order.stop()
        #expect(order.log.published == 300)
        #expect(order.log.backlog == 0)
        try await order.tell(1)
        #expect(try await order.database.read { try $0.followers() } == ["inventory": 300, "payment": 300])
        try await inventory.stop()
        try await payment.stop()
    }

    @Test func anotherLogOfThePeerIsReadFromTheStart() async throws {
        let inventory = try TestDaemon(.inventory, in: directory)
        try await inventory.start()
        let former = try TestDaemon(.order, in: directory, state: "former")
        try await former.tell(10)
        try await former.start()
        try await inventory.received.wait(for: 10)
        await former.kill()
        let present = try TestDaemon(.order, in: directory, state: "present")
        try await present.tell(20)
        try await present.start()
        let all = try await inventory.received.wait(for: 30)
        #expect(all.map(\.offset) == Array(1...10) + Array(1...20))
        #expect(inventory.events.state.contains(.logReplaced(.order)))
        try await inventory.stop()
        try await present.stop()
    }

    @Test func aLogThatEndsBeforeThePositionIsReadFromTheStart() async throws {
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(10)
        let logID = try await #require(try order.database.read { try $0.logID() })
        let inventory = try TestDaemon(.inventory, in: directory)
        try await inventory.database.writer.write { try $0.savePosition(LogPosition(logID: logID, seq: 25), in: .order) }
        try await order.start()
        try await inventory.start()
        let all = try await inventory.received.wait(for: 10)
        #expect(all.map(\.offset) == Array(1...10))
        #expect(inventory.events.state.contains(.logShortened(.order, reached: 25, last: 10)))
        #expect(try await inventory.database.read { try $0.position(in: .order)?.seq } == 10)
        try await inventory.stop()
        try await order.stop()
    }

    /// The backup is from before the last three events that were read; what it tells since has their numbers.
    @Test(arguments: [
        (0, DirectEvent.logShortened(.order, reached: 10, last: 7)), (2, .logShortened(.order, reached: 10, last: 9)),
        (3, .logRewritten(.order, reached: 10)), (5, .logRewritten(.order, reached: 10)),
    ])
    func aLogThatWasRestoredAndToldOtherEventsSinceIsReadFromTheStart(_ since: Int, _ notice: DirectEvent) async throws {
        let inventory = try TestDaemon(.inventory, in: directory)
        try await inventory.start()
        do {
            let order = try TestDaemon(.order, in: directory)
            try await order.tell(7)
            order.database.close()
        }
        try directory.copy("order", to: "backup")
        let order = try TestDaemon(.order, in: directory)
        try await order.tell(3)
        try await order.start()
        try await inventory.received.wait(for: 10)
        await order.kill()

        let restored = try TestDaemon(.order, in: directory, state: "backup")
        try await restored.tell(since)
        try await restored.start()
        try await inventory.received.wait(for: 17 + since)
        #expect(inventory.events.state.contains(notice))
        // What comes from now on is new, and so is the position.
        try await restored.tell(1)
        let all = try await inventory.received.wait(for: 18 + since)
        #expect(all.map(\.offset) == Array(1...10) + Array(1...Int64(8 + since)))
        try await inventory.stop()
        try await restored.stop()
        let told = try await restored.database.read { try $0.outbox(after: 0, limit: 100) }
        #expect(all.dropFirst(10).map(\.value) == told.map(\.body))
        let position = try await inventory.database.read { try $0.position(in: .order) }
        #expect(position == LogPosition(logID: try #require(position?.logID), seq: Int64(8 + since), eventID: told.last?.eventID))
    }

    @Test func eventsDeletedBeforeTheyWereReadAreAnAlarm() async throws {
        do {
            let former = try TestDaemon(.order, in: directory)
            try await former.tell(10)
            try await former.database.writer.write { _ = try $0.connection.run("DELETE FROM outbox WHERE seq < 8") }
            former.database.close()
        }
        let order = try TestDaemon(.order, in: directory)
        let logID = try await #require(try order.database.read { try $0.logID() })
        let inventory = try TestDaemon(.inventory, in: directory)
        try await inventory.database.writer.write { try $0.savePosition(LogPosition(logID: logID, seq: 4), in: .order) }
        try await order.start()
        try await inventory.start()
        let all = try await inventory.received.wait(for: 3)
        #expect(all.map(\.offset) == [8, 9, 10])
        #expect(inventory.events.state.contains(.gap(.order, missing: 5...7)))
        let problems = inventory.transport.status.problems.filter { $0.contains("5 to 7 of order were deleted") }
        #expect(problems.count == 1)
        try await inventory.stop()
        try await order.stop()
    }

    @Test func lagAndUnreachablePeersAreToldToTheOperator() async throws {
        let order = try TestDaemon(.order, in: directory)
        let gate = Observed<[Void]>([])
        let entered = Observed<[Int]>([])
        let inventory = try TestDaemon(.inventory, in: directory) { records in
            entered.append(records.count)
            try await gate.wait(for: 1)
        }
        try await inventory.start()
        // Peers that were never followed are no event; they show in status once they were tried.
        try await eventually("both peers are tried") {
            inventory.transport.status.problems.contains { $0.hasSuffix("no connection yet") } ? nil : true
        }
        #expect(inventory.events.state.isEmpty)
        #expect(!inventory.transport.status.isConnected)
        #expect(
            inventory.transport.status.problems == [
                "order is not reachable at \(directory.socket(of: .order)): No such file or directory",
                "payment is not reachable at \(directory.socket(of: .payment)): No such file or directory",
            ])
        try await order.tell(10)
        try await order.start()
        try await entered.wait(for: 1)
        #expect(inventory.transport.status.lag == 10)
        #expect(inventory.transport.status.problems.count == 1)
        gate.append(())
        try await inventory.received.wait(for: 10)
        try await inventory.stop()
        #expect(inventory.transport.status.lag == 0)
        try await order.stop()
    }

    @Test func anErrorOfTheConsumerEndsTheTransport() async throws {
        let order = try TestDaemon(.order, in: directory)
        let inventory = try TestDaemon(.inventory, in: directory) { _ in throw StoreError.inputOutput("the disk is gone") }
        try await order.tell(1)
        try await order.start()
        try await inventory.start()
        #expect(await inventory.failure() as? StoreError == .inputOutput("the disk is gone"))
        #expect(throws: Never.self) { try UnixSocketAddress(directory.socket(of: .inventory)).makeFree() }
        try await order.stop()
    }
}
