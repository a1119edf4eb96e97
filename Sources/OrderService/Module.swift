// OrderService
