import FoundationEssentials

extension Style {
    /// What standard output can show.
    static var current: Style { .standardOutput(ProcessInfo.processInfo.environment) }
}
