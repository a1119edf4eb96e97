// SagaRuntime
