import SagaRuntime
import ShippingService

await DaemonProgram<ShippingService>.start()
