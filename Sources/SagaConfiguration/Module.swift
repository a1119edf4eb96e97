// SagaConfiguration
