import Glibc

/// Who may use something that is for one thread at a time: asserted at run time, where a comment alone would hold nobody back.
package struct ThreadConfinement {
    /// nil while anybody may.
    private var thread: pthread_t?

    package init() {}

    /// From here on the calling thread may, until another takes it over in the same way.
    package mutating func takeOver() {
        thread = pthread_self()
    }

    package func require() {
        precondition(thread.map { pthread_equal($0, pthread_self()) != 0 } ?? true, "used beside the thread that it belongs to")
    }
}
