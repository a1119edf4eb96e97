import Foundation
import SagaTestSupport

extension TestDirectory {
    func mode(of name: String) throws -> mode_t {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return mode_t((attributes[.posixPermissions] as? Int) ?? 0)
    }
}
