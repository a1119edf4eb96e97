import Foundation
import Kafka
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing

/// Disks that are full, fail, or take their time.
@Suite(.showingLogs) struct DiskFaultTests {
    @Test(.enabled(if: geteuid() == 0, "needs the right to mount a small file system"))
    func `Fault 24, disk full: 503, nothing falsely acknowledged, heals when there is space`() async throws {
        try await DaemonSuite.run(.patient) { suite in
            let disk = try SmallDisk(at: suite.directory.path + "/state", pages: 4096)
            try await suite.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            let load = OrderLoad(suite)
            try await load.place(10)
            let waiting = try await orders.place()
            _ = try await orders.decided(waiting)

            try disk.fill(leaving: 0)
            // What the log has room for is still taken, and durable.
            try await eventually("full") {
                let answer = try await orders.post("/orders", json: RESTClient.body())
                if answer.status == 503 { #expect(answer["Retry-After"] != nil) } else { #expect(answer.status == 201) }
                return answer.status == 503 ? () : nil
            }
            for service in ServiceName.allCases { #expect(try await suite.rest(service).get("/readyz").status == 200) }
            #expect(try await orders.get("/orders/\(waiting)").json["status"]?.string == "APPROVED")

            async let more: Void = load.place(10)
            try disk.fill(leaving: 3000)
            try await more
            try await suite.expectAllDecided()
        }
    }

    @Test(arguments: ServiceName.allCases)
    func `Fault 25, I/O error on fsync: not acknowledged, fail-stop`(_ service: ServiceName) async throws {
        try await DaemonSuite.run(.patient) { suite in
            let faults = try FaultInjection()
            for service in ServiceName.allCases { try suite.launch(service, environment: faults.environment) }
            for service in ServiceName.allCases { try await suite[service].ready() }
            let load = OrderLoad(suite)
            try await load.place(3)
            for others in ServiceName.allCases where others != service { try await suite[others].stop() }
            let daemon = try suite[service]
            try faults.start(.failSync)
            if service == .order {
                let answer = try? await suite.rest(.order).post("/orders", json: OrderLoad.Wanted().body)
                #expect(answer == nil)
            } else {
                try await suite.start(.order)
                try await load.place(1)
            }
            let outcome = try await daemon.ended()
            #expect(outcome.exit == .code(EX_IOERR))
            #expect(outcome.errors.contains("the disk failed"))

            try faults.stop(.failSync)
            try await suite.start(ServiceName.allCases.filter { service == .order || $0 != .order })
            try await load.place(3)
            try await suite.expectAllDecided()
        }
    }

    /// A commit takes 2 s and the service manager asks every 6 s, as with 10 s and the 30 s of the units.
    @Test func `Fault 21, a slow handler: bounded memory, and liveness is not mistaken for a hang`() async throws {
        var settings = KafkaSuite.Settings.patient()
        settings.partitions = 16
        try await KafkaSuite.run(settings) { suite in
            let faults = try FaultInjection()
            let daemon = try await suite.daemons.start(
                .inventory, environment: faults.environment.merging(["WATCHDOG_USEC": "6000000"]) { $1 })
            let before = try residentBytes(of: daemon.pid)
            try faults.start(.slowSync, 2000)
            // Each of them as large as an event may be. The mock broker keeps 5 MB of a partition, 80 of them: these keys fall evenly enough,
            // where random ones now and then do not.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1000..<2000 {
                    group.addTask {
                        let id = "01234567-89ab-4cde-8f01-23456789\(number)"
                        let body = ForeignEvent.created(id).body
                        try await suite.client.put(
                            Array((body + String(repeating: " ", count: 65536 - body.utf8.count)).utf8), on: .order, key: id,
                            headers: [KafkaHeader("ce_id", Array(ForeignEvent.newID().utf8))])
                    }
                }
                try await group.waitForAll()
            }
            var place = daemon.notifications.messages.state.count - 1
            for _ in 0..<3 { place = try await daemon.notifications.message(with: "WATCHDOG=1", after: place, within: .seconds(6)) }
            #expect(try residentBytes(of: daemon.pid) - before < 64 << 20)
            try faults.stop(.slowSync)
            try await suite.tap.events.wait(for: "all reservations") { all in
                Set(all.filter { $0.type == "INVENTORY_RESERVED" }.compactMap(\.order)).count == 1000 ? () : nil
            }
            #expect(try await suite.daemons.rest(.inventory).get("/inventory/1").json["reserved"]?.integer == 1000)
            #expect(daemon.isRunning)
        }
    }

    /// proc(5): the second number is in pages.
    private func residentBytes(of pid: pid_t) throws -> Int {
        let numbers = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(numbers[1])) * 4096
    }
}

extension DaemonSuite {
    /// Every order there is ends, stock and money add up.
    fileprivate func expectAllDecided() async throws {
        try await eventually("the end of all orders") { try await status(.order)["orders"]?["PENDING"]?.integer == 0 ? () : nil }
        for service in ServiceName.allCases { try await drained(service) }
        let report = try await sagactl("reconcile", "--json")
        #expect(report.exit == .code(0), "\(report.output)")
    }
}
