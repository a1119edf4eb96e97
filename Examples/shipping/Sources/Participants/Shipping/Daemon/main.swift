import SagaDaemon
import ShippingService

await DaemonProgram<ShippingService>.start()
