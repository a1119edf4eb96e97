import enum Saga.ServiceName
import AdminAPI

/// The three daemons as seen from here: a client for each.
struct Suite: Sendable {
    let order: AdminClient
    let inventory: AdminClient
    let payment: AdminClient

    init(runtimeDirectory: String, timeout: Duration = .seconds(30)) {
        func client(_ service: ServiceName) -> AdminClient {
            AdminClient(service: service, socketPath: service.adminSocket(in: runtimeDirectory), requestTimeout: timeout)
        }
        order = client(.order)
        inventory = client(.inventory)
        payment = client(.payment)
    }

    subscript(service: ServiceName) -> AdminClient {
        switch service {
        case .order: order
        case .inventory: inventory
        case .payment: payment
        }
    }

    /// Asks several daemons at once; the answers come in the services' order.
    func ask<Value: Sendable>(
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
struct Answer<Value: Sendable>: Sendable {
    let service: ServiceName
    let result: Result<Value, AdminError>

    var value: Value? { try? result.get() }

    var error: AdminError? {
        if case .failure(let error) = result { error } else { nil }
    }
}
