import Foundation
import SagaTestSupport

extension NotifyListener {
    /// Where a service manager may have its socket.
    enum Kind: CaseIterable { case path, abstract }

    convenience init(_ kind: Kind = .path) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("notify-\(UUID()).sock").path
        try self.init(address: kind == .path ? path : "@" + path)
    }
}
