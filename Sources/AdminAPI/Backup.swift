package import struct Saga.ServiceName

/// The body of `POST /backup`.
package struct BackupRequest: Codable, Hashable, Sendable {
    /// Absolute; made where it is missing.
    package let directory: String

    package init(directory: String) { self.directory = directory }
}

/// The answer of `POST /backup`: a complete copy of one service's database.
package struct BackupCopy: Codable, Hashable, Sendable {
    package let file: String
    package let bytes: Int64
    package let sha256: String

    package init(file: String, bytes: Int64, sha256: String) {
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// What `sagactl backup` has made: `manifest.json` in its directory.
package struct BackupManifest: Codable, Hashable, Sendable {
    package struct Copy: Codable, Hashable, Sendable {
        package let service: ServiceName
        /// Beside the manifest.
        package let file: String
        package let bytes: Int64
        package let sha256: String
        package let createdAt: String

        package init(service: ServiceName, file: String, bytes: Int64, sha256: String, createdAt: String) {
            self.service = service
            self.file = file
            self.bytes = bytes
            self.sha256 = sha256
            self.createdAt = createdAt
        }
    }

    package let version: String
    package let directory: String
    /// In the order in which the copies were made.
    package let copies: [Copy]
    /// The services that could not be asked.
    package let missing: [ServiceName]

    package init(version: String, directory: String, copies: [Copy], missing: [ServiceName]) {
        self.version = version
        self.directory = directory
        self.copies = copies
        self.missing = missing
    }
}
