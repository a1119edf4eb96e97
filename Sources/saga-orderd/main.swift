import OrderService
import SagaRuntime

await DaemonProgram<OrderService>.main()
