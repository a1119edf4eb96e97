/// The body of `POST /pause` and of `POST /resume`.
package struct PauseRequest: Codable, Hashable, Sendable {
    package enum Subject: String, Codable, CaseIterable, Sendable {
        /// New orders; only at the order service.
        case intake
        /// The events of the other services.
        case consumption
    }

    package let what: Subject

    package init(what: Subject) { self.what = what }
}
