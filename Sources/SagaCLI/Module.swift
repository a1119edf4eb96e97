// SagaCLI
