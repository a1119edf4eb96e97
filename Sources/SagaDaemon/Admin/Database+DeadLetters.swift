import Saga
import SagaStore
import Store

extension Database {
    /// That dead letters wait for somebody to decide, or that nobody can tell, in words; nil when none do. Those that are parked wait for
    /// others of them.
    func deadLettersCondition() async -> String? {
        let counts: [DeadLetterKind: Int]
        do {
            counts = try await read { try $0.deadLetterCounts() }
        } catch StoreError.closed {
            return nil
        } catch {
            return "whether dead letters wait cannot be read: \(error)"
        }
        switch counts.reduce(0, { $0 + ($1.key == .parked ? 0 : $1.value) }) {
        case 0: return nil
        case 1: return "1 dead letter waits: sagactl dead-letters"
        case let count: return "\(count) dead letters wait: sagactl dead-letters"
        }
    }
}
