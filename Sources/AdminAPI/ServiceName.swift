/// The three participants, by the names they go by on the wire, in paths and in unit names.
///
/// The order of the cases is the order in which people are shown them everywhere.
package enum ServiceName: String, Codable, CaseIterable, Sendable, Comparable {
    case order, inventory, payment

    /// The systemd unit that runs the service.
    package var unit: String { "saga-\(rawValue)" }

    /// Where the service listens for operators.
    package func adminSocket(in runtimeDirectory: String) -> String {
        runtimeDirectory.hasSuffix("/") ? "\(runtimeDirectory)\(rawValue)/admin.sock" : "\(runtimeDirectory)/\(rawValue)/admin.sock"
    }

    package static func < (left: Self, right: Self) -> Bool { left.position < right.position }

    private var position: Int {
        switch self {
        case .order: 0
        case .inventory: 1
        case .payment: 2
        }
    }
}
