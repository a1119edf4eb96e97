import FoundationEssentials

extension Style {
    /// What standard output can show.
    package static var current: Style { .standardOutput(ProcessInfo.processInfo.environment) }
}
