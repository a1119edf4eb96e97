/// The messages of the journal's catalog, by their `MESSAGE_ID`; `systemd/sagad.catalog` explains each to an operator.
package enum MessageID {
    package static let started = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e01"
    package static let degraded = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e02"
    package static let recovered = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e03"
    package static let orderDeadlineExceeded = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e04"
    package static let deadLetter = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e05"
    package static let republished = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e06"
    package static let databaseFailed = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e07"
    package static let reloadFailed = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e08"
    package static let anotherInstance = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e41"
    package static let eventsMissing = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e09"
    package static let stockSet = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e0a"
    package static let configurationInvalid = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e31"
    package static let directoryUnusable = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e32"
    package static let addressUnavailable = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e33"
    package static let diskAlmostFull = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e34"
    package static let constraintViolated = "5f0c1d3a8f6e4a5f9a0f5d9b7a3c1e35"
}
