import Glibc
import NIOCore
import NIOPosix

extension OutboundError {
    /// In the words of the operating system, where that could not connect.
    init(_ error: any Error) {
        switch error {
        case let error as IOError: self = .failed(String(cString: strerror(error.errnoCode)))
        case let error as NIOConnectionError:
            if let cause = error.connectionErrors.first?.error {
                self.init(cause)
            } else {
                self = .failed("\(error.host) has no address")
            }
        default: self = .failed("\(error)")
        }
    }
}
