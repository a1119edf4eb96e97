import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The payment daemon killed while it charges: the provider, which would refuse a second charge of an order and write that down, sees one.
@Suite(.showingLogs) struct GatewayCrashTests {
    @Test(arguments: [FaultInjection.Fault.killBeforeCommit, .killAfterCommit])
    func `Fault 55, kill -9 of payment at every commit of a charge and of a refund: charged once, given back once`(
        _ point: FaultInjection.Fault
    ) async throws {
        try await DaemonSuite.run(.patient) { suite in
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            let faults = try FaultInjection()
            let environment = provider.environment(timeout: "30s").merging(faults.environment) { $1 }
            // Without inventory an order that is paid stays undecided until it is canceled.
            try await suite.start(.order)
            try await suite.start(.payment, environment: environment)
            let (orders, payments) = (try RESTClient(.order), try RESTClient(.payment))

            /// Lets payment die at its next commit, which `cause` brings about.
            func kill(_ cause: () async throws -> Void) async throws {
                try faults.start(point)
                try await cause()
                #expect(try await suite[.payment].ended().exit == .signal(SIGKILL))
                try faults.stop(point)
                try await suite.start(.payment, environment: environment)
            }

            // The intent to charge.
            var id = ""
            try await kill { id = try await orders.place() }
            try await payments.get("/payments/\(id)", until: "APPROVED")
            // The intent to give it back.
            try await kill { try await orders.cancel(id) }
            try await payments.get("/payments/\(id)", until: "REFUNDED")
            let first = id

            // That it is charged, and that it is given back: the provider answers when payment is doomed.
            try await provider.misbehave(
                #"[{"on":"charge","kind":"delay","seconds":4},{"on":"refund","kind":"delay","seconds":4}]"#)
            let second = try await orders.place()
            try await provider.isAsked()
            try await kill {}
            try await payments.get("/payments/\(second)", until: "APPROVED")
            try await orders.cancel(second)
            try await provider.isAsked()
            try await kill {}
            try await payments.get("/payments/\(second)", until: "REFUNDED")

            try await suite.start(.inventory)
            for service in ServiceName.allCases { try await suite.drained(service) }
            for id in [first, second] {
                #expect(try await provider.charges(of: id).map { $0["status"]?.string } == ["REFUNDED"])
                let emissions = try await suite.emissions(of: id)
                #expect(emissions.filter { $0.hasPrefix("PAYMENT_") } == ["PAYMENT_APPROVED", "PAYMENT_REFUNDED"])
            }
        }
    }

    @Test func `Fault 55, kill -9 of payment again and again under load, with a provider that misbehaves: no order is charged twice`()
        async throws
    {
        try await DaemonSuite.run(.patient) { suite in
            let provider = try GatewayProvider(in: suite.directory)
            try await provider.ready()
            try await suite.start([.order, .inventory])
            try await suite.start(.payment, environment: provider.environment())
            let load = OrderLoad(suite)
            for _ in 0..<6 {
                try await provider.misbehave(
                    """
                    [{"on":"charge","kind":"lose","times":2},{"on":"charge","kind":"drop","times":2},{"on":"refund","kind":"lose"},
                     {"on":"charge","kind":"late-status","status":502,"times":2},{"on":"charge","kind":"delay","seconds":0.3,"times":5},
                     {"on":"refund","kind":"late-status","status":500}]
                    """)
                let moment = load.accepted.state.count + Int.random(in: 1..<15)
                async let placing: Void = load.place(30)
                try await load.waitForAccepted(moment)
                try suite[.payment].signal(SIGKILL)
                try await suite[.payment].ended()
                try await suite.start(.payment, environment: provider.environment())
                try await placing
            }
            try await load.settle()
            for accepted in load.accepted.state {
                let payment = try await RESTClient(.payment).get(
                    "/payments/\(accepted.order)", until: "APPROVED", "FAILED", "REFUNDED", "VOID")
                let charges = try await provider.charges(of: accepted.order)
                switch payment["status"]?.string {
                case "FAILED": #expect(charges.map { $0["status"]?.string } == ["DECLINED"])
                // One that was canceled before it was heard of is not asked about.
                case "VOID": #expect(charges.isEmpty)
                case let status: #expect(charges.map { $0["status"]?.string } == [status])
                }
            }
        }
    }
}
