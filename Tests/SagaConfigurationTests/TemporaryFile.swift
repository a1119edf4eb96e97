import Foundation
import SagaTestSupport

/// A file, or a path to make something else at, in a directory that is gone with the value.
struct TemporaryFile: ~Copyable {
    private let owner: TestDirectory
    let path: String
    var directory: String { owner.path }

    init(_ contents: String? = nil) throws {
        try self.init(bytes: contents.map { Array($0.utf8) })
    }

    init(bytes: [UInt8]?) throws {
        let owner = try TestDirectory()
        let path = owner.path + "/sagad.yaml"
        if let bytes { try Data(bytes).write(to: URL(filePath: path)) }
        self.owner = owner
        self.path = path
    }
}
