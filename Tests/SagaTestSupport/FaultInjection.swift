import Foundation

/// Switches for faults inside a daemon that was started with its `environment`; see Tools/fault-injection for what each does.
///
/// A suite that uses it depends on nothing: the library is a product of the package, built along with the tests.
package struct FaultInjection: Sendable {
    package enum Fault: String, Sendable {
        case killBeforeCommit = "kill-before-commit"
        case killAfterCommit = "kill-after-commit"
        case failSync = "fail-sync"
        case slowSync = "slow-sync"
        case clock
    }

    package let environment: [String: String]
    private let directory: TestDirectory

    package init() throws {
        directory = try TestDirectory()
        let library = try ProgramProcess.path(of: "libFaultInjection.so")
        // Without it the loader would only warn, and nothing ever go wrong.
        guard FileManager.default.fileExists(atPath: library) else { throw CocoaError(.fileNoSuchFile, userInfo: ["path": library]) }
        environment = ["LD_PRELOAD": library, "FAULT_INJECTION": directory.path]
    }

    /// - Parameter value: milliseconds or seconds, where the fault takes any.
    package func start(_ fault: Fault, _ value: Int = 0) throws {
        // In one step, so that nobody reads it half written.
        _ = try directory.write("\(value)", to: "new")
        guard rename("\(directory.path)/new", "\(directory.path)/\(fault.rawValue)") == 0 else { throw POSIXError(.EIO) }
    }

    package func stop(_ fault: Fault) throws {
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(fault.rawValue)")
    }
}
