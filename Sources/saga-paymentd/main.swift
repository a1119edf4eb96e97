import PaymentService
import SagaRuntime

await DaemonProgram<PaymentService>.main()
