import HTTPTypes
import Hummingbird
import NIOCore

/// The page's files, as the build has embedded them.
enum PageFiles {
    static let index = File(PackageResources.index_html, "text/html; charset=utf-8")

    /// By name, under which the page asks for them.
    static let parts: [String: File] = [
        "page.css": File(PackageResources.page_css, "text/css; charset=utf-8"),
        "page.js": script(PackageResources.page_js),
        "choreography.js": script(PackageResources.choreography_js),
        "elements.js": script(PackageResources.elements_js),
        "orders.js": script(PackageResources.orders_js),
        "timeline.js": script(PackageResources.timeline_js),
    ]

    struct File: Sendable {
        private let body: ByteBuffer
        private let type: String

        fileprivate init(_ bytes: [UInt8], _ type: String) {
            body = ByteBuffer(bytes: bytes)
            self.type = type
        }

        var response: Response { Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: body)) }
    }

    private static func script(_ bytes: [UInt8]) -> File { File(bytes, "text/javascript; charset=utf-8") }

    /// Nothing but the page's own files runs, is shown or is asked; nobody frames it, keeps it or learns its address.
    static let safeguards: HTTPFields = [
        HTTPField.Name("Content-Security-Policy")!:
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        HTTPField.Name("X-Content-Type-Options")!: "nosniff",
        HTTPField.Name("Referrer-Policy")!: "no-referrer",
        HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
        HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin",
        .cacheControl: "no-store",
    ]
}
