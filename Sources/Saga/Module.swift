// Saga
