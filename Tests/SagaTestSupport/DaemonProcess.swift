package import Foundation
package import Saga

/// One running daemon, with the service manager's end of its notifications.
package final class DaemonProcess: Sendable {
    package let service: ServiceName
    package let notifications: NotifyListener
    private let process: ProgramProcess

    init(
        _ service: ServiceName, arguments: [String], environment: [String: String], openFiles: Int? = nil,
        inherited: ListeningSocket? = nil, in directory: String, label: String, notifications: NotifyListener
    ) throws {
        self.service = service
        self.notifications = notifications
        process = try ProgramProcess(
            service.program, arguments, environment: environment.merging(["NOTIFY_SOCKET": notifications.address]) { $1 },
            openFiles: openFiles, inherited: inherited, in: directory, label: label)
    }

    package var pid: pid_t { process.pid }
    package var isRunning: Bool { process.isRunning }
    package var log: String { process.errors }

    /// Returns when it has said READY=1; fails with its last words when it ends instead.
    package func ready(within limit: Duration = .seconds(30)) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { [self] in
                try await notifications.message(with: "READY=1", within: limit)
                return true
            }
            group.addTask { [self] in
                try await process.exited(within: limit)
                return false
            }
            defer { group.cancelAll() }
            guard try await group.next() == true else { throw Ended(service: service, log: process.lastErrors) }
        }
    }

    package func signal(_ number: Int32) {
        process.signal(number)
    }

    /// Ends it as the service manager does.
    @discardableResult
    package func stop(within limit: Duration = .seconds(15)) async throws -> ProgramProcess.Exit {
        process.signal(SIGTERM)
        return try await process.exited(within: limit)
    }

    /// Ends it as a crash does.
    package func crash() async throws {
        process.signal(SIGKILL)
        try await process.exited()
    }

    @discardableResult
    package func exited(within limit: Duration = .seconds(30)) async throws -> ProgramProcess.Exit {
        try await process.exited(within: limit)
    }

    @discardableResult
    package func ended(within limit: Duration = .seconds(30)) async throws -> ProgramProcess.Outcome {
        try await process.ended(within: limit)
    }

    /// Makes it read its configuration anew, and returns when it has.
    package func reload() async throws {
        let place = notifications.messages.state.count - 1
        process.signal(SIGHUP)
        let reloading = try await notifications.message(with: "RELOADING=1", after: place)
        try await notifications.message(with: "READY=1", after: reloading)
    }

    package struct Ended: Error, CustomStringConvertible {
        let service: ServiceName
        let log: String

        package var description: String { "\(service.program) ended before it was ready:\n\(log)" }
    }
}
