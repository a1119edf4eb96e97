internal import Glibc
import Synchronization

/// Randomness from the kernel, fetched some words ahead: a system call for each would cost every id more than the rest of it does.
///
/// Safe to share; copies of a holder share it too, so no two of them get the same word.
package final class SystemRandomWords: RandomNumberGenerator, Sendable {
    /// As much as one call gives at most (getentropy(3)).
    private static let count = 256 / MemoryLayout<UInt64>.size

    /// Those not used yet, and room for as many as there can be.
    private let words = Mutex<[UInt64]>([])

    package init() {}

    package func next() -> UInt64 {
        words.withLock { words in
            if words.isEmpty { words = SystemRandomWords.fetched() }
            return words.removeLast()
        }
    }

    private static func fetched() -> [UInt64] {
        Array(unsafeUninitializedCapacity: count) { buffer, filled in
            // It fails only for a bad address or too many bytes.
            let code = getentropy(buffer.baseAddress, count * MemoryLayout<UInt64>.size)
            precondition(code == 0, "the kernel gives no randomness")
            filled = count
        }
    }
}
