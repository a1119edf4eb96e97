package import Saga

extension ServiceName {
    /// The systemd unit that runs the service.
    package var unit: String { "saga-\(rawValue)" }

    /// Where the service listens for operators.
    package func adminSocket(in runtimeDirectory: String) -> String { socket("admin", in: runtimeDirectory) }

    /// Where it listens for those who may look and change nothing.
    package func readSocket(in runtimeDirectory: String) -> String { socket("read", in: runtimeDirectory) }

    private func socket(_ name: String, in runtimeDirectory: String) -> String {
        "\(runtimeDirectory)\(runtimeDirectory.hasSuffix("/") ? "" : "/")\(rawValue)/\(name).sock"
    }
}
