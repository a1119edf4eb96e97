/// What another server answered.
package struct OutboundAnswer: Sendable {
    package let status: Int
    /// How long it asks to be left alone.
    package let retryAfter: Duration?
    /// nil where it is larger than anybody needs; the rest of it was not read.
    package let body: [UInt8]?

    package var isSuccess: Bool { (200...299).contains(status) }
}
