package import Hummingbird
package import NIOCore

/// What a request carries through the router.
package struct ServiceRequestContext: Hummingbird.RequestContext {
    package var coreContext: CoreRequestContextStorage

    private let place: ConnectionPlace?

    package init(source: ApplicationRequestContextSource) {
        self.init(source: source, place: nil)
    }

    init(source: ApplicationRequestContextSource, place: ConnectionPlace?) {
        coreContext = .init(source: source)
        self.place = place
    }

    /// The connection it came on.
    package var channel: (any Channel)? { place?.channel }

    /// Runs what waits for something to happen, so that it ends at once, by its task being canceled, when nobody waits for it any more:
    /// the client has gone, others need the connection's place, or the daemon stops. Then the answer is what there is.
    ///
    /// - Returns: whether somebody waits still.
    @discardableResult
    package func wait(_ body: @escaping @Sendable () async -> Void) async -> Bool {
        if let place { return await place.wait(body) }
        await body()
        return !Task.isCancelled
    }
}

package typealias ServiceRouter = Router<ServiceRequestContext>
