import struct Saga.ServiceName
import AdminAPI
import Console
import ArgumentParser
import Glibc
import Saga
import Wire

/// `sagactl backup`: one daemon after the other, the one that begins sagas last.
///
/// So a copy never lacks what a later one knows the cause of: what was ordered after a participant was copied is in the copy of the order
/// service's outbox, and is read on from there after a restore.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the daemons' databases while they work.",
        discussion: """
            Makes the directory, with SERVICE.db of each daemon and manifest.json; one that exists is refused (64). The daemons write there \
            themselves; as the package runs them, that is below /var/backups/sagad. A daemon that cannot be reached is named, the others \
            are copied, and the exit code is 69. How to restore: saga-orderd(8).

            Example:
              sagactl backup /var/backups/sagad/monday
            """)

    @Argument(help: .init("The directory to make.", valueName: "directory"), completion: .directory)
    var directory: String

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let suite = options.suite()
        let path = directory.hasPrefix("/") ? directory : "\(Self.workingDirectory)/\(directory)"
        try Self.make(path, for: suite)
        var copies: [BackupManifest.Copy] = []
        var errors: [(service: ServiceName, error: AdminError)] = []
        for service in ServiceName.allCases.reversed() {
            do {
                let copy = try await Progress.showing("copying the database of \(service.rawValue)") { () throws(AdminError) in
                    try await suite[service].backup(to: path)
                }
                try Self.requireFile(copy)
                copies.append(
                    .init(
                        service: service, file: "\(service.rawValue).db", bytes: copy.bytes, sha256: copy.sha256,
                        createdAt: Timestamp.now.description))
            } catch let error as AdminError {
                errors.append((service, error))
            }
        }
        guard !copies.isEmpty else {
            rmdir(path)
            throw Failure(errors: errors.map(\.error))
        }
        let manifest = BackupManifest(version: Version.current, directory: path, copies: copies, missing: errors.map(\.service))
        try OutputFile.write(Output.text(of: manifest) + "\n", to: "\(path)/manifest.json")
        if output.json {
            try Output.json(manifest)
        } else {
            for copy in copies {
                try Output.line("\(copy.service.rawValue): \(path)/\(copy.file), \(copy.bytes) bytes, sha256 \(copy.sha256)")
            }
        }
        if !errors.isEmpty { throw Failure(errors: errors.map(\.error)) }
    }

    /// The daemons' user is to write there, whoever runs this.
    private static func make(_ path: String, for suite: Suite) throws {
        guard mkdir(path, 0o770) == 0 else {
            if errno == EEXIST { throw Failure(.usage, "\(path) exists", advice: "a backup is made into a directory of its own") }
            throw Failure(.outputFailed, "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        chmod(path, 0o770)
        var owner = stat()
        guard stat(suite[.order].socketPath, &owner) == 0 || stat(suite[.payment].socketPath, &owner) == 0 else { return }
        // To give it away takes root; to give it to one's group does not.
        if chown(path, owner.st_uid, owner.st_gid) != 0 { _ = chown(path, uid_t.max, owner.st_gid) }
    }

    /// A daemon may have a file system of its own (systemd.exec(5), PrivateTmp=).
    private static func requireFile(_ copy: BackupCopy) throws(Failure) {
        var status = stat()
        guard stat(copy.file, &status) == 0, status.st_size == copy.bytes else {
            throw Failure(
                .outputFailed, "the daemon wrote \(copy.file), but it is not to be seen here",
                advice: "choose a directory below /var/backups/sagad, which daemons and everybody else see alike")
        }
    }

    private static var workingDirectory: String {
        guard let directory = getcwd(nil, 0) else { return "" }
        defer { free(directory) }
        return String(cString: directory)
    }
}
