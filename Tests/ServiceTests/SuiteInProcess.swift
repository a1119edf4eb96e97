import InventoryService
import OrderService
import PaymentService
import Saga
import SagaConfiguration
import SagaDaemon
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

typealias OrderInProcess = ServiceInProcess<OrderService>
typealias InventoryInProcess = ServiceInProcess<InventoryService>
typealias PaymentInProcess = ServiceInProcess<PaymentService>

/// The three services in this process, each of which hears what the others publish. Their clock stands still; what they call the time goes on.
struct SuiteInProcess: Sendable {
    /// The suite of the present test.
    @TaskLocal static var current: SuiteInProcess?

    let order: OrderInProcess
    let inventory: InventoryInProcess
    let payment: PaymentInProcess

    func rest(_ service: ServiceName) -> HTTPClient {
        switch service {
        case .order: order.rest
        case .inventory: inventory.rest
        default: payment.rest
        }
    }

    func admin(_ service: ServiceName) -> HTTPClient {
        switch service {
        case .order: order.admin
        case .inventory: inventory.admin
        default: payment.admin
        }
    }

    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await OrderInProcess.run(wallClock: { .now }) { order in
            try await InventoryInProcess.run(
                wallClock: { .now }, configure: { $0.inventory.initialStock = [1: 1_000_000, 2: 5] }
            ) { inventory in
                try await PaymentInProcess.run(wallClock: { .now }) { payment in
                    let suite = SuiteInProcess(order: order, inventory: inventory, payment: payment)
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await order.publish(to: inventory) }
                        group.addTask { try await order.publish(to: payment) }
                        group.addTask { try await inventory.publish(to: order) }
                        group.addTask { try await inventory.publish(to: payment) }
                        group.addTask { try await payment.publish(to: order) }
                        group.addTask { try await payment.publish(to: inventory) }
                        try await $current.withValue(suite) { try await body() }
                        group.cancelAll()
                    }
                }
            }
        }
    }
}

extension RESTClient {
    /// That of a service of the present suite.
    init(_ service: ServiceName) throws {
        self.init(try #require(SuiteInProcess.current).rest(service), contract: try service.contract())
    }

    /// That of a service alone.
    init<Service: SagaService>(_ service: ServiceInProcess<Service>) throws {
        self.init(service.rest, contract: try ServiceInProcess<Service>.name.contract())
    }
}

/// Runs a group of tests with three services that are there for all of them.
struct SharedServices: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withoutActuallyEscaping(function) { function in try await SuiteInProcess.run { try await function() } }
    }
}

extension Trait where Self == SharedServices {
    static var servicesInProcess: Self { SharedServices() }
}
