import InventoryService
import SagaRuntime

await DaemonProgram<InventoryService>.start()
