/// A part of the service whose progress the watchdog vouches for.
package struct WatchdogVital: Sendable {
    /// What the log calls it, for instance `writer`.
    package let name: String
    /// Puts an empty piece of work through the part and returns once it has been done: `true` when all is well. It is called again
    /// only after it has returned; it may hang, which is what the watchdog is there to find out.
    package let probe: @Sendable () async -> Bool

    package init(_ name: String, probe: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.probe = probe
    }
}
