import struct Saga.ServiceName
import AdminAPI
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct TraceMergeTests {
    /// `lines` says what must come out, written as `service kind what @micros`.
    private static func line(_ step: TraceStep) -> String {
        "\(step.service) \(step.kind) \(step.kind == .transition ? step.to ?? "" : step.eventId ?? "") @\(step.timeMicros)"
    }

    private static func trace(_ service: ServiceName, _ steps: [TraceStep]) -> DaemonTrace {
        DaemonTrace(service: service, orderId: "o", steps: steps)
    }

    private static func emitted(_ service: ServiceName, _ id: String, _ at: Int64, by cause: String? = nil) -> TraceStep {
        TraceStep(timeMicros: at, service: service, kind: .emitted, eventType: "E", eventId: id, causationId: cause)
    }

    private static func received(_ service: ServiceName, _ id: String, _ at: Int64, _ outcome: TraceStep.Outcome = .applied) -> TraceStep {
        TraceStep(timeMicros: at, service: service, kind: .received, eventType: "E", eventId: id, outcome: outcome)
    }

    private static func became(_ service: ServiceName, _ state: String, _ at: Int64, by cause: String? = nil) -> TraceStep {
        TraceStep(timeMicros: at, service: service, kind: .transition, causationId: cause, to: state)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let traces: [DaemonTrace]
        let order: [String]
        let durations: [Double?]
    }

    static let cases = [
        Case(
            testDescription: "nothing",
            traces: [], order: [], durations: []),
        Case(
            testDescription: "by time across daemons, with durations since the cause",
            traces: [
                trace(
                    .payment,
                    [received(.payment, "a", 2000), became(.payment, "APPROVED", 2500, by: "a"), emitted(.payment, "c", 2600, by: "a")]),
                trace(.order, [became(.order, "PENDING", 0), emitted(.order, "a", 100), received(.order, "c", 5600)]),
                trace(.inventory, [received(.inventory, "a", 1000), emitted(.inventory, "b", 1200, by: "a")]),
            ],
            order: [
                "order transition PENDING @0", "order emitted a @100", "inventory received a @1000", "inventory emitted b @1200",
                "payment received a @2000", "payment transition APPROVED @2500", "payment emitted c @2600", "order received c @5600",
            ],
            durations: [0, 0.1, 0.9, 0.2, 1.9, 0.5, 0.6, 3]),
        Case(
            testDescription: "an answer from a slow clock still comes after its question",
            traces: [
                trace(.order, [emitted(.order, "a", 10_000), received(.order, "b", 12_000)]),
                trace(
                    .inventory,
                    [
                        received(.inventory, "a", 3000), became(.inventory, "RESERVED", 3500, by: "a"),
                        emitted(.inventory, "b", 3600, by: "a"),
                    ]),
            ],
            order: [
                "order emitted a @10000", "inventory received a @3000", "inventory transition RESERVED @3500", "inventory emitted b @3600",
                "order received b @12000",
            ],
            durations: [0, 0, 0.5, 0.6, 8.4]),
        Case(
            testDescription: "an answer to a fast clock comes after its question",
            traces: [
                trace(.order, [emitted(.order, "a", 0), received(.order, "b", 500)]),
                trace(.inventory, [received(.inventory, "a", 9000), emitted(.inventory, "b", 9100, by: "a")]),
            ],
            order: ["order emitted a @0", "inventory received a @9000", "inventory emitted b @9100", "order received b @500"],
            durations: [0, 9, 0.1, 0]),
        Case(
            testDescription: "all at the same microsecond",
            traces: [
                trace(.inventory, [received(.inventory, "a", 7), emitted(.inventory, "b", 7, by: "a")]),
                trace(.order, [became(.order, "PENDING", 7), emitted(.order, "a", 7), received(.order, "b", 7)]),
            ],
            order: [
                "order transition PENDING @7", "order emitted a @7", "inventory received a @7", "inventory emitted b @7",
                "order received b @7",
            ],
            durations: [0, 0, 0, 0, 0]),
        Case(
            testDescription: "a daemon's own order survives a clock that was set back",
            traces: [trace(.order, [became(.order, "PENDING", 9000), emitted(.order, "a", 9001), became(.order, "CANCELED", 100)])],
            order: ["order transition PENDING @9000", "order emitted a @9001", "order transition CANCELED @100"],
            durations: [0, 0.001, nil]),
        Case(
            testDescription: "a duplicate counts from the emission before it",
            traces: [
                trace(.order, [emitted(.order, "a", 0), emitted(.order, "a", 50_000)]),
                trace(.payment, [received(.payment, "a", 1000), received(.payment, "a", 51_000, .duplicate)]),
            ],
            order: ["order emitted a @0", "payment received a @1000", "order emitted a @50000", "payment received a @51000"],
            durations: [0, 1, nil, 1]),
        Case(
            testDescription: "with the emitter unreachable what it sent has no duration",
            traces: [
                trace(.payment, [became(.payment, "VOID", 500), received(.payment, "a", 1000), emitted(.payment, "b", 1400, by: "a")])
            ],
            order: ["payment transition VOID @500", "payment received a @1000", "payment emitted b @1400"],
            durations: [0, nil, 0.4]),
        Case(
            testDescription: "contradictory traces come out whole",
            traces: [
                trace(.order, [received(.order, "b", 1), emitted(.order, "a", 2)]),
                trace(.inventory, [received(.inventory, "a", 3), emitted(.inventory, "b", 4)]),
            ],
            order: ["order received b @1", "order emitted a @2", "inventory received a @3", "inventory emitted b @4"],
            durations: [0, nil, 0.001, nil]),
    ]

    @Test(arguments: cases) func `steps are in causal order`(example: Case) {
        let merged = TraceMerge.merge(example.traces)
        #expect(merged.map(Self.line) == example.order)
        #expect(merged.map(\.durationMs) == example.durations)
    }

    @Test(arguments: cases) func `the daemons' order does not matter`(example: Case) {
        #expect(TraceMerge.merge(example.traces.reversed()) == TraceMerge.merge(example.traces))
    }
}
