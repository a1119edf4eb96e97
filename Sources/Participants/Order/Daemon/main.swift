import ArgumentParser
import OrderService
import SagaRuntime

await DaemonProgram<OrderService>.start()
