/// A UUID (RFC 9562) that names one kind of thing, so that an order's id is never passed where an event's belongs.
///
/// Ids made here are version 7: they sort by the time they were made, which keeps every index over them growing at one end.
package struct ID<Entity>: Hashable, Comparable, Sendable {
    /// The sixteen bytes, the first one most significant.
    package let bits: UInt128

    @inlinable package init(bits: UInt128) {
        self.bits = bits
    }

    /// Reads the canonical form, in either case. Any version is accepted: peers choose their own ids.
    package init?(_ text: some StringProtocol) {
        guard let bits = UUIDText.parse(text.utf8) else { return nil }
        self.bits = bits
    }

    @inlinable package static func < (a: ID, b: ID) -> Bool {
        a.bits < b.bits
    }
}

extension ID: CustomStringConvertible {
    /// The canonical form in lower case.
    package var description: String {
        String(unsafeUninitializedCapacity: UUIDText.length) { UUIDText.write(bits, to: $0) }
    }
}
