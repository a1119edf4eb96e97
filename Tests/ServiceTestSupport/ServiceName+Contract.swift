import InventoryService
import OrderService
import PaymentService
package import Saga
import SagaDaemon
package import SagaTestSupport

extension ServiceName {
    /// What the service's own OpenAPI document says of its answers.
    package func contract() throws -> OpenAPIContract {
        let document =
            switch self {
            case .order: try OrderService.document()
            case .inventory: try InventoryService.document()
            default: try PaymentService.document()
            }
        return try OpenAPIContract(Array(document.utf8))
    }
}
