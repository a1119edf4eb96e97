package import Saga

extension ServiceName {
    /// The systemd unit that runs the service.
    package var unit: String { "saga-\(rawValue)" }

    /// Where the service listens for operators.
    package func adminSocket(in runtimeDirectory: String) -> String {
        runtimeDirectory.hasSuffix("/") ? "\(runtimeDirectory)\(rawValue)/admin.sock" : "\(runtimeDirectory)/\(rawValue)/admin.sock"
    }
}
