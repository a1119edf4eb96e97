/// Something that must never be so, was.
package struct Violation: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The process of a service dies here.
struct Crash: Error {}
