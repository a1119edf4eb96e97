import AdminAPI
import Glibc
import Saga

/// A suite that is measured, whoever started it: where orders go, whom to ask, and which processes it consists of.
struct BenchedSuite: Sendable {
    let target: OrderTarget
    let transport: String
    let runtimeDirectory: String
    /// The daemons by name, and the mock broker where there is one.
    let processes: [(name: String, pid: pid_t)]

    func admin(_ service: ServiceName) -> AdminClient {
        AdminClient(service: service, socketPath: service.adminSocket(in: runtimeDirectory), requestTimeout: .seconds(10))
    }

    /// A suite that runs already.
    static func running(at target: OrderTarget, runtimeDirectory: String) async throws -> BenchedSuite {
        var processes: [(name: String, pid: pid_t)] = []
        var transport = "unknown"
        for service in ServiceName.allCases {
            let client = AdminClient(service: service, socketPath: service.adminSocket(in: runtimeDirectory))
            let status = try await client.status()
            if let pid = status.pid { processes.append((service.rawValue, pid)) }
            transport = status.transport?.kind ?? transport
        }
        return BenchedSuite(target: target, transport: transport, runtimeDirectory: runtimeDirectory, processes: processes)
    }
}
