import FoundationEssentials
import Glibc
import Saga

/// The temporary directory of a suite that this program starts: configuration, databases, sockets, logs.
struct SuiteDirectory: Sendable {
    let path: String

    init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/sagabench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no directory could be made in \(parent)", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var configuration: String { path + "/sagad.yaml" }
    var runtime: String { path + "/run" }

    func database(of service: ServiceName) -> String { "\(path)/state/\(service)/saga.db" }
    func log(of name: String) -> String { "\(path)/\(name).log" }
    func notifySocket(of service: ServiceName) -> String { "\(path)/\(service).notify" }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
