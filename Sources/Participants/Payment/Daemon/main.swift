import PaymentService
import SagaRuntime

await DaemonProgram<PaymentService>.start()
