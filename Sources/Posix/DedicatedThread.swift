import Glibc

/// A thread of its own for calls that block, which have no place on Swift's cooperative pool. It ends with its body.
package enum DedicatedThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package static func start(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        // Signals are the main program's business, and interrupt no call here: the thread inherits a mask that blocks them. A write to a
        // closed pipe fails with EPIPE and ends nothing (signal(7)). Those that tell of a crash stay as they are.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        for crash in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, crash) }
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                // Set by this function, and released only here.
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        precondition(error == 0, "no thread to be had: pthread_create failed with \(error)")
        pthread_detach(thread)
    }
}
