import ArgumentParser
import OrderService
import SagaDaemon

await DaemonProgram<OrderService>.start()
