package import Hummingbird
import NIOCore

/// What a request carries through the router.
package struct ServiceRequestContext: Hummingbird.RequestContext {
    package var coreContext: CoreRequestContextStorage

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

package typealias ServiceRouter = Router<ServiceRequestContext>
