import PaymentService
import SagaDaemon

await DaemonProgram<PaymentService>.start()
