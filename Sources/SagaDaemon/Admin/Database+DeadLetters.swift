import Saga
import SagaStore
import Store

extension Database {
    /// That dead letters wait for somebody to decide, in words; nil when none do. Those that are parked wait for others of them.
    var deadLettersCondition: String? {
        guard let counts = try? read({ try $0.deadLetterCounts() }) else { return nil }
        switch counts.reduce(0, { $0 + ($1.key == .parked ? 0 : $1.value) }) {
        case 0: return nil
        case 1: return "1 dead letter waits: sagactl dead-letters"
        case let count: return "\(count) dead letters wait: sagactl dead-letters"
        }
    }
}
