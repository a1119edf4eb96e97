import NIOPosix

/// Threads for what blocks: waiting for processes and datagrams, filling databases. Never the cooperative pool's.
enum BlockingWork {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 12)
        pool.start()
        return pool
    }()

    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await threads.runIfActive(body)
    }
}
