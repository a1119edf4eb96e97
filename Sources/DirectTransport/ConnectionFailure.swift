import Glibc
import NIOCore

/// Why a connection could not be made or ended, in words for the operator.
enum ConnectionFailure {
    static func text(of error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}
