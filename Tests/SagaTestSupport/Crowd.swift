import Glibc

/// Many connections at the cost of few: plain sockets, looked at when somebody asks. For one test, in one task at a time.
package final class Crowd {
    private struct Member {
        let descriptor: CInt
        var received: [UInt8] = []
        var isOpen = true
    }

    private var members: [Member] = []

    /// Connects to the server's kernel; whether the server accepts is another matter.
    ///
    /// - Parameter source: from which address of this host; whole 127.0.0.0/8 is.
    package init(of count: Int, to port: Int, from source: String = "127.0.0.1") throws {
        try Crowd.allowDescriptors()
        for _ in 0..<count {
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Failure(errno: errno) }
            members.append(Member(descriptor: descriptor))
            guard Crowd.call(bind, descriptor, source, 0) == 0, Crowd.call(connect, descriptor, "127.0.0.1", port) == 0 else {
                throw Failure(errno: errno)
            }
        }
    }

    deinit {
        close()
    }

    package func close() {
        for member in members { Glibc.close(member.descriptor) }
        members = []
    }

    /// How many the server has not closed, as far as has been looked.
    package var openCount: Int { members.count(where: \.isOpen) }

    /// Those whom the server has closed, as far as has been looked.
    package var closed: [Int] { members.indices.filter { !members[$0].isOpen } }

    /// Every member, or those that are named, says this.
    package func send(_ bytes: [UInt8], by chosen: [Int]? = nil) {
        for index in chosen ?? Array(members.indices) where members[index].isOpen {
            Glibc.send(members[index].descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
        }
    }

    /// The answers that have come since the last time, each with who got it. Answers have a `Content-Length`, as all of the suite have.
    package func answers() -> [(member: Int, answer: HTTPAnswer)] {
        var answers: [(member: Int, answer: HTTPAnswer)] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        for index in members.indices where members[index].isOpen {
            while true {
                let count = recv(members[index].descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
                if count > 0 {
                    members[index].received += buffer[..<count]
                    continue
                }
                if count == 0 || ![EAGAIN, EINTR].contains(errno) { members[index].isOpen = false }
                break
            }
            while let (answer, length) = HTTPAnswer.parse(members[index].received, to: "POST") {
                members[index].received.removeFirst(length)
                answers.append((index, answer))
            }
        }
        return answers
    }

    package struct Failure: Error, CustomStringConvertible {
        let errno: CInt

        package var description: String { String(cString: strerror(errno)) }
    }

    private static func call(
        _ function: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt, _ descriptor: CInt, _ host: String, _ port: Int
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func allowDescriptors() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
