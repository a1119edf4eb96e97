// SagaStore
