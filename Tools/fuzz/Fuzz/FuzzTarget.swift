/// One thing that reads bytes from outside, and what must hold whatever those bytes are.
///
/// `check` throws a `Violation` when it does not hold. A trap or a hang is a violation too, which only the process that runs it can see.
package struct FuzzTarget: Sendable {
    package let name: String
    /// Good inputs: mutations of them get further than noise.
    package let seeds: [[UInt8]]
    /// Words of the format, which a mutation puts in whole.
    package let words: [String]
    package let check: @Sendable ([UInt8]) throws -> Void

    init(_ name: String, seeds: [[UInt8]], words: [String], check: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.seeds = seeds
        self.words = words
        self.check = check
    }

    package static let all: [FuzzTarget] = [
        json, event, record, headerText, order, orderQuery, configuration, environment, credentials, frames, scalars,
    ]
}

extension FuzzTarget: CustomStringConvertible {
    package var description: String { name }
}

/// What an input has shown to be wrong.
package struct Violation: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(otherwise()) }
}
