public import Glibc
import Synchronization

/// Where the brokers listen. librdkafka's mock cluster takes whatever port it gets; one that takes the place of another that died has to
/// have the same. So `bind` is this program's own, which the library finds before the C library's (ld.so(8), symbol lookup order).
enum ListeningPorts {
    private static let next = Mutex<UInt16?>(nil)

    /// The first listener gets this port, each one after it the following.
    static func choose(_ first: UInt16) {
        next.withLock { $0 = first }
    }

    fileprivate static func take() -> UInt16? {
        next.withLock { next in
            defer { next = next.map { $0 &+ 1 } }
            return next
        }
    }
}

private typealias Bind = @convention(c) (CInt, UnsafeRawPointer?, socklen_t) -> CInt

/// bind(2) as it is.
private let systemBind = unsafeBitCast(dlsym(UnsafeMutableRawPointer(bitPattern: -1 /* RTLD_NEXT */), "bind"), to: Bind.self)

// Public, or an optimizing compiler keeps the symbol to this program's own code and the library never finds it.
@_cdecl("bind")
public func bindToChosenPort(_ descriptor: CInt, _ address: UnsafeRawPointer?, _ length: socklen_t) -> CInt {
    guard var name = address?.assumingMemoryBound(to: sockaddr_in.self).pointee, name.sin_family == AF_INET, name.sin_port == 0,
        let port = ListeningPorts.take()
    else { return systemBind(descriptor, address, length) }
    name.sin_port = port.bigEndian
    // Connections of the one before may linger (socket(7)).
    var yes: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    if systemBind(descriptor, &name, length) == 0 { return 0 }
    // Not left to the library: a cluster that cannot listen fails an assertion of its own.
    let message = "mock-broker: no port \(port) to be had: \(String(cString: strerror(errno)))\n"
    write(STDERR_FILENO, message, message.utf8.count)
    _exit(69)
}
