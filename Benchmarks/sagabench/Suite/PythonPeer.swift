import FoundationEssentials
import Glibc
import Saga

/// The suite in Python that ours is compared with, and the interpreter with its packages.
struct PythonPeer: Sendable {
    private let python: String
    private let source: String

    /// Makes the environment at first, and sees each time that it has what the requirements name.
    ///
    /// - Parameters:
    ///   - source: the directory with `requirements.txt` and the package `peer`.
    ///   - python: the interpreter, as a shell finds it.
    static func prepare(source: String, python: String) async throws -> PythonPeer {
        guard access("\(source)/requirements.txt", R_OK) == 0 else {
            throw BenchError(
                "\(source) has no requirements.txt: run it from the top of the source tree, or give --peer Benchmarks/peer-python")
        }
        let environment = try cache() + "/peer-python"
        let interpreter = environment + "/bin/python"
        if access(interpreter, X_OK) != 0 {
            Progress.say("making \(environment)")
            try await run(
                "/usr/bin/env", [python, "-m", "venv", "--clear", environment],
                orElse: "\(python) makes no virtual environment: install it (Debian: python3-venv), or give --python")
        }
        try await run(
            interpreter, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "\(source)/requirements.txt"],
            orElse: "the packages of \(source)/requirements.txt could not be installed into \(environment): pip says why above")
        return PythonPeer(python: interpreter, source: source)
    }

    func command(
        of service: ServiceName, in directory: SuiteDirectory, port: Int, stock: Int64, bootstrapServers: String?,
        _ properties: [String: String]
    ) throws -> ServiceCommand {
        var arguments = [
            "-m", "peer", service.rawValue, "--state", "\(directory.path)/state", "--runtime", directory.runtime, "--port", "\(port)",
            "--stock", #"{"1":\#(stock)}"#,
        ]
        if let bootstrapServers {
            let properties = String(decoding: try JSONEncoder().encode(properties), as: UTF8.self)
            arguments += ["--bootstrap", bootstrapServers, "--properties", properties]
        }
        return ServiceCommand(
            program: python, arguments: arguments, environment: ["PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"])
    }

    /// As the XDG base directory specification has it.
    private static func cache() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/sagabench" }
        guard let home = environment["HOME"] else {
            throw BenchError("neither XDG_CACHE_HOME nor HOME says where the packages can be kept")
        }
        return home + "/.cache/sagabench"
    }

    private static func run(_ program: String, _ arguments: [String], orElse problem: String) async throws {
        let process = try ChildProcess.start(program, arguments, streams: .init(inheritsError: true))
        guard try await process.exit().code == 0 else { throw BenchError(problem) }
    }
}
