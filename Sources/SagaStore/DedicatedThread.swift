import Glibc

/// A thread of its own, for work that blocks and so must stay off Swift's cooperative pool.
enum DedicatedThread {
    static func start(_ body: @escaping () -> Void) {
        let context = Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        // Without its threads the process cannot do its work, and this early nothing was promised to anybody.
        precondition(code == 0, "no thread could be started: \(String(cString: strerror(code)))")
        pthread_detach(thread)
    }

    private final class Body {
        let run: () -> Void

        init(run: @escaping () -> Void) {
            self.run = run
        }
    }
}
