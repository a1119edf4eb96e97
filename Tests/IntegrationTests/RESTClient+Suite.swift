import InventoryService
import OrderService
import PaymentService
import Saga
import SagaDaemon
import SagaTestSupport
import ServiceTestSupport
import Testing

extension RESTClient {
    /// That of a daemon of the present suite.
    init(_ service: ServiceName) throws {
        self.init(try #require(DaemonSuite.current).rest(service), contract: try service.contract())
    }
}

extension ServiceName {
    func contract() throws -> OpenAPIContract {
        let document =
            switch self {
            case .order: try OrderService.document()
            case .inventory: try InventoryService.document()
            default: try PaymentService.document()
            }
        return try OpenAPIContract(Array(document.utf8))
    }
}
