/// A statement as the server knows it in one session, for one choice of types of its parameters.
final class PreparedStatement {
    /// The text of a literal never moves, so that its address is enough.
    struct Key: Hashable {
        let text: UnsafePointer<UInt8>
        let signature: UInt128
    }

    let text: StatementText
    /// Under which it was sent to the server, which has not refused it so far. One that is prepared again gets another.
    var name: String?

    init(text: StatementText) {
        self.text = text
    }
}
