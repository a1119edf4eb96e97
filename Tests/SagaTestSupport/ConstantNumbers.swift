/// Always the same number: ids depend on time and count alone.
package struct ConstantNumbers: RandomNumberGenerator, Sendable {
    private let value: UInt64

    package init(value: UInt64 = 0) { self.value = value }

    package mutating func next() -> UInt64 { value }
}
