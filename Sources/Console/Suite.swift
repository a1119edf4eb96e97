package import struct Saga.ServiceName
package import AdminAPI

/// The daemons as seen from here: a client for each.
package struct Suite: Sendable {
    private let clients: [AdminClient]

    package init(runtimeDirectory: String, timeout: Duration = .seconds(30)) {
        clients = ServiceName.allCases.map { service in
            AdminClient(
                service: service, socketPath: service.adminSocket(in: runtimeDirectory),
                readSocketPath: service.readSocket(in: runtimeDirectory), requestTimeout: timeout)
        }
    }

    package subscript(service: ServiceName) -> AdminClient { clients[service.number] }

    /// Asks several daemons at once; the answers come in the services' order.
    package func ask<Value: Sendable>(
        _ services: [ServiceName] = ServiceName.allCases,
        _ question: @escaping @Sendable (AdminClient) async throws(AdminError) -> Value
    ) async -> [Answer<Value>] {
        await withTaskGroup(of: Answer<Value>.self) { group in
            for service in services {
                let client = self[service]
                group.addTask {
                    do throws(AdminError) {
                        return Answer(service: service, result: .success(try await question(client)))
                    } catch {
                        return Answer(service: service, result: .failure(error))
                    }
                }
            }
            var answers: [Answer<Value>] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.service < $1.service }
        }
    }
}

/// What one of several daemons answered.
package struct Answer<Value: Sendable>: Sendable {
    package let service: ServiceName
    package let result: Result<Value, AdminError>

    package var value: Value? { try? result.get() }

    package var error: AdminError? {
        if case .failure(let error) = result { error } else { nil }
    }
}
