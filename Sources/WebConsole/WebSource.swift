package import FoundationEssentials

/// What the page is made of: JSON documents without line ends, by whoever knows the suite.
package struct WebSource: Sendable {
    /// What stays as it is.
    package let choreography: Data
    /// How the suite is now.
    package let snapshot: @Sendable () async -> Data
    /// One order's timeline.
    package let trace: @Sendable (_ order: String) async -> Trace

    package enum Trace: Sendable {
        case found(Data)
        case unknown(String)
        case unavailable(String)
    }

    package init(
        choreography: Data, snapshot: @escaping @Sendable () async -> Data, trace: @escaping @Sendable (_ order: String) async -> Trace
    ) {
        self.choreography = choreography
        self.snapshot = snapshot
        self.trace = trace
    }
}
