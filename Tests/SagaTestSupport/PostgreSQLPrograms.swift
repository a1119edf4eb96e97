import Foundation

/// PostgreSQL's programs, and the user that they are run by: they refuse to be run by root.
struct PostgreSQLPrograms: Sendable {
    private let directory: String
    /// nil: this process's own.
    private let user: User?

    struct User: Sendable {
        let id: uid_t
        let group: gid_t
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    init() throws {
        // Debian keeps the server's programs of each version away from the PATH.
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let packaged = versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
        let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":").map(String.init)
        guard let found = (packaged + path).first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }) else {
            throw Failed(description: "PostgreSQL's server is not installed: packaging/install-dependencies test installs it")
        }
        directory = found
        user = try geteuid() == 0 ? User.other() : nil
    }

    /// For the user's processes to be used.
    func makeDirectory() throws -> String {
        var template = Array("/tmp/saga-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try giveAway(path)
        return path
    }

    func giveAway(_ path: String) throws {
        guard let user else { return }
        guard chown(path, user.id, user.group) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM) }
    }

    /// How a program at a path is run by that user, with nothing left of root.
    func command(_ path: String, _ arguments: [String]) -> [String] {
        let command = [path] + arguments
        guard let user else { return command }
        return ["/usr/bin/setpriv", "--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups", "--"] + command
    }

    /// Runs one to its end. What it writes stays in the server's directory.
    func run(_ program: String, _ arguments: [String], in directory: String) async throws {
        let command = command("\(self.directory)/\(program)", arguments)
        let process = try ProgramProcess(
            command[0], Array(command.dropFirst()), environment: PostgreSQLPrograms.environment, in: directory,
            label: "\(program)-\(UUID())")
        let outcome = try await process.ended(within: .seconds(120))
        guard outcome.exit == .code(0) else { throw Failed(description: "\(program): \(outcome.errors)") }
    }

    /// The server itself, in the foreground.
    var server: String { "\(directory)/postgres" }

    static let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
}

extension PostgreSQLPrograms.User {
    /// Debian's package makes `postgres`; `nobody` is everywhere.
    static func other() throws -> Self {
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return Self(id: entry.pointee.pw_uid, group: entry.pointee.pw_gid) }
        }
        throw PostgreSQLPrograms.Failed(description: "root cannot run PostgreSQL, and there is neither a user `postgres` nor `nobody`")
    }
}
