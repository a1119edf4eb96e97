// PaymentService
