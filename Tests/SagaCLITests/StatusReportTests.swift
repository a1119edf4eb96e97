import struct Saga.ServiceName
import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI
import Wire

@Suite struct StatusReportTests {
    private static let order = ServiceStatus(
        service: .order, state: .ready, version: "1.0.0", pid: 4711, uptimeSeconds: 187_200,
        transport: .init(kind: "direct", connected: true),
        outbox: .init(pending: 0), lag: 0, deadLetters: 0, orders: ["PENDING": 3, "APPROVED": 1200, "CANCELED": 40])
    private static let inventory = ServiceStatus(
        service: .inventory, state: .degraded, version: "1.0.0", pid: 4712, uptimeSeconds: 75,
        transport: .init(kind: "kafka", connected: false),
        outbox: .init(pending: 12, oldestSeconds: 34), lag: 7, deadLetters: 1, reasons: ["the broker at 127.0.0.1:9092 does not answer"])

    private static let answers = [
        Answer(service: .order, result: .success(order)), Answer(service: .inventory, result: .success(inventory)),
        Answer<ServiceStatus>(service: .payment, result: .failure(.unreachable(.payment, socketPath: "/x", .refused))),
    ]

    @Test func `the table shows each daemon, why it is not ready, and the orders`() throws {
        let expected = """
            SERVICE    STATE     VERSION   PID  UPTIME    TRANSPORT             OUTBOX           LAG  DEAD LETTERS
            order      ready     1.0.0    4711  2 d 4 h   direct                0                  0             0
            inventory  degraded  1.0.0    4712  1 m 15 s  kafka, not connected  12, oldest 34 s    7             1
            payment    down

            inventory: the broker at 127.0.0.1:9092 does not answer

            orders: 3 PENDING, 1200 APPROVED, 40 CANCELED

            """
        #expect(try StatusReport(Self.answers).render(.plain) == expected)
    }

    @Test func `the JSON of a daemon that is down has its name and state, and what is known from outside`() throws {
        let report = try StatusReport([Self.answers[2]]) { service, _ in
            .down(service, unit: UnitState(loadState: "masked", activeState: "inactive", subState: "dead", result: "success"), advice: "x")
        }
        let json = String(decoding: try AdminJSON.encode(report), as: UTF8.self)
        #expect(
            json == #"{"overall":"down","services":[{"advice":"x","service":"payment","state":"down","unit":{"activeState":"inactive","#
                + #""loadState":"masked","result":"success","subState":"dead"}}]}"#)
    }

    @Test(
        arguments: [
            ([.ready, .ready, .ready], .ready, 0), ([.ready, .degraded, .ready], .degraded, 1),
            ([.stopping, .degraded, .ready], .stopping, 1), ([.ready, .degraded, .down], .down, 2),
        ] as [([ServiceStatus.State], ServiceStatus.State, Int32)])
    func `the whole is as its worst part`(states: [ServiceStatus.State], overall: ServiceStatus.State, exit: Int32) throws {
        let answers = zip(ServiceName.allCases, states).map { service, state in
            Answer(service: service, result: .success(ServiceStatus(service: service, state: state)))
        }
        #expect(try StatusReport(answers).overall == overall)
        #expect(try StatusReport(answers).exitStatus.rawValue == exit)
    }

    @Test func `colours say how bad it is`() throws {
        let text = try StatusReport(Self.answers).render(Style(colours: true, unicode: true))
        #expect(text.contains("\u{1B}[32mready\u{1B}[0m"))
        #expect(text.contains("\u{1B}[33mdegraded\u{1B}[0m"))
        #expect(text.contains("\u{1B}[31;1mdown\u{1B}[0m"))
    }

    @Test func `who may not ask does not get to see a daemon as down`() {
        let answers =
            Self.answers + [
                Answer(
                    service: .payment, result: .failure(.unreachable(.payment, socketPath: "/run/x/payment/admin.sock", .permissionDenied)))
            ]
        let failure = #expect(throws: Failure.self) { try StatusReport(answers) }
        #expect(failure?.status == .noPermission)
        #expect(failure?.lines.map(\.message) == ["payment: permission denied on /run/x/payment/admin.sock"])
        #expect(failure?.lines.first?.advice?.contains("group sagad") == true)
    }

    @Test func `where not all of it fits, columns that do not matter make room`() throws {
        let report = try StatusReport(Self.answers)
        let narrow = report.render(.plain, width: 80).split(separator: "\n")
        #expect(narrow[0].split(separator: " ").first == "SERVICE")
        #expect(narrow[0].contains("OUTBOX") && narrow[0].contains("LAG") && narrow[0].contains("DEAD LETTERS"))
        #expect(!narrow[0].contains("VERSION"))
        #expect(narrow.prefix(4).allSatisfy { $0.count <= 80 })
    }
}
