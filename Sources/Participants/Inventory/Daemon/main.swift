import InventoryService
import SagaDaemon

await DaemonProgram<InventoryService>.start()
