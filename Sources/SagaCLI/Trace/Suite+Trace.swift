import AdminAPI
import Console

extension Suite {
    /// What those that answer remember of an order's saga, and the errors of the others.
    ///
    /// - Throws: where none answers, or none of those that do knows the order.
    func trace(of order: String) async throws(Failure) -> (trace: SagaTrace, errors: [AdminError]) {
        let answers = await ask { client throws(AdminError) in try await client.trace(order) }
        let silent = answers.filter { $0.error.map { $0.problemStatus != 404 } ?? false }
        let errors = silent.compactMap(\.error)
        if errors.count == answers.count { throw Failure(unavailable: errors) }
        let traces = answers.compactMap(\.value).filter { !$0.steps.isEmpty || $0.status != nil }
        if traces.isEmpty {
            let failure = Failure(.notSo, "no daemon that answers knows order \(order)", advice: "sagactl orders list shows the newest")
            throw errors.reduce(failure) { $0.adding($1.description) }
        }
        return (SagaTrace(orderId: order, traces: traces, unreachable: silent.map(\.service)), errors)
    }
}
