/// The wire format of the transport `direct`: what a service and those who follow its outbox say to each other on `events.sock`.
///
/// A stream of frames in each direction. Numbers are big-endian; a text is its length in one byte, at most 200, and that much UTF-8.
///
/// | frame           | layout                                                                              |
/// |-----------------|-------------------------------------------------------------------------------------|
/// | every one       | length of the rest: u32 · kind: u8 · content                                        |
/// | hello           | kind 1 · version: u8 · follower: text · log id: u128, 0 for none · position: i64    |
/// |                 | · id of the event that was read there: u128, 0 for unknown                          |
/// | welcome         | kind 2 · version: u8 · log id: u128 · first number: i64 · last number: i64          |
/// |                 | · id of the event that is at the follower's position: u128, 0 for none              |
/// | batch           | kind 3 · last number: i64 · how many: u16 · as many entries                         |
/// | acknowledgement | kind 4 · number: i64                                                                |
/// | refusal         | kind 5 · reason: text                                                               |
///
/// | entry           | number: i64 · event id: u128 · order id: u128 · trace id: u128 · causing event id: u128 · time in µs: i64   |
/// |                 | · flags: u8, bit 0 = has a causing event, bit 1 = its trace is not exported · length of the body: u32 · body                                   |
///
/// The follower begins with a hello and is answered with a welcome or a refusal. Both then know by the same rule (`Welcome.start`)
/// where reading begins. Batches follow as there is something to send, each with entries in rising order and the last number
/// there is by now. The follower acknowledges what is durable on its side, and what it has no use for.
///
/// Whoever receives anything else closes the connection; the follower comes back later and loses nothing by it. An event's type
/// is in its body only, so a type from a newer version passes here unseen.
package enum DirectProtocol {
    package static let version: UInt8 = 2
    /// A batch ends with the entry that reaches one of these.
    package static let fullBatch = (entries: 256, bytes: 256 * 1024)
    /// The longest frame a follower takes, and the longest its peer takes, without the length. A batch exceeds what is full by
    /// less than one entry, whose body has at most 64 KiB.
    package static let longestFrame = (toFollower: 512 * 1024, fromFollower: 256)
    static let longestText: UInt8 = 200
    static let largestNumber: Int64 = 1 << 60
    static let entryHead = 85
}

/// What does not belong into the stream. Ends the connection, nothing more.
package enum DirectProtocolError: Error, Equatable {
    case unsupportedVersion(UInt8)
    case oversized(Int)
    case malformed(String)
    case unexpected(String)
}

extension DirectProtocolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupportedVersion(let version): "protocol version \(version) is not known here, only \(DirectProtocol.version)"
        case .oversized(let length): "a frame of \(length) bytes is too long"
        case .malformed(let what): "malformed \(what)"
        case .unexpected(let what): "unexpected \(what)"
        }
    }
}
