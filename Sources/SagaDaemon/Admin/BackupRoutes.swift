import HTTPServer
import AdminAPI
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import Posix
import SagaStore
import Store
import Synchronization
import Systemd
import Wire

/// A copy of the database, made while the service works.
struct BackupRoutes<Service: SagaService>: Sendable {
    let context: ServiceContext

    func add(to router: ServiceRouter) {
        router.on(.backup) { request, _ in
            let directory = try await request.jsonObject { object throws(JSONError) in
                let directory = try object.string("directory")
                guard directory.hasPrefix("/") else { throw JSONError("directory must be an absolute path") }
                try object.requireOnly("directory")
                return directory
            }
            do {
                let copy = try await copy(to: directory)
                context.log.record(.notice, "backup of \(copy.bytes) bytes written to \(copy.file)")
                return try Response.encoding(copy)
            } catch let error as CopyError {
                throw ProblemError(.conflict, error.description)
            }
        }
    }

    /// On a thread of its own, as a large database takes minutes; given up when whoever asked for it has gone.
    private func copy(to directory: String) async throws -> BackupCopy {
        let isCanceled = Flag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DedicatedThread.start { [context] in
                    continuation.resume(
                        with: Result { try Self.copy(context.database, to: directory) { isCanceled.value.load(ordering: .relaxed) } })
                }
            }
        } onCancel: {
            isCanceled.value.store(true, ordering: .relaxed)
        }
    }

    private static func copy(_ database: Database, to directory: String, isCanceled: () -> Bool) throws -> BackupCopy {
        guard database.engine is SQLiteEngine else {
            throw CopyError(path: directory, reason: "a database of PostgreSQL's is backed up by its own means, such as pg_dump")
        }
        // Whoever asks may have made it already, or another service.
        guard mkdir(directory, 0o770) == 0 || errno == EEXIST else { throw CopyError(path: directory, code: errno) }
        let file = "\(directory)/\(Service.Reactions.service).db"
        try database.copy(to: file, isCanceled: isCanceled)
        do {
            let digest = try FileDigest(of: file)
            return BackupCopy(file: file, bytes: digest.bytes, sha256: digest.sha256)
        } catch {
            throw CopyError(path: file, code: error.code)
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}
