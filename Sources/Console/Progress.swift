import Glibc
import Synchronization

/// A line on a terminal that says what takes its time, once it does. It is gone when that is over, and never in a file or a pipe.
package enum Progress {
    /// What has been done so far, for the line.
    package final class Counter: Sendable {
        private let count = Atomic(0)

        package init() {}

        package func add(_ amount: Int) { count.add(amount, ordering: .relaxed) }
        fileprivate var value: Int { count.load(ordering: .relaxed) }
    }

    /// - Parameters:
    ///   - what: such as "canceling orders".
    ///   - counter: shown, too, once it counts something.
    package static func showing<Value: Sendable, Failure: Error>(
        _ what: String, _ counter: Counter? = nil, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard isatty(STDERR_FILENO) == 1 else { return try await body() }
        let ticker = Task {
            let begun = ContinuousClock.now
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                let seconds = Int(begun.duration(to: .now).components.seconds)
                let done = counter.map { $0.value > 0 ? ", \($0.value)" : "" } ?? ""
                Output.passingLine("\(what)\(done), \(Quantity.span(seconds: seconds))")
            }
            Output.passingLine(nil)
        }
        do {
            let value = try await body()
            await end(ticker)
            return value
        } catch {
            await end(ticker)
            throw error
        }
    }

    private static func end(_ ticker: Task<Void, Never>) async {
        ticker.cancel()
        await ticker.value
    }
}
