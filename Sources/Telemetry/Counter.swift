import Synchronization

/// How often something happened since the start: one series of a counter, to be kept where it happens often.
package final class Counter: Sendable {
    private let value = Atomic<Int64>(0)

    package func add(_ amount: Int64 = 1) {
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    var current: Int64 { value.load(ordering: .relaxed) }
}
