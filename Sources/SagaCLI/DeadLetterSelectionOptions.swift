import Console
import enum Saga.DeadLetterKind
import struct Saga.ServiceName
import AdminAPI
import ArgumentParser

/// Which dead letters a command is about.
struct DeadLetterSelectionOptions: ParsableArguments {
    @Option(help: .init("Only those of this kind.", valueName: "kind"))
    var kind: DeadLetterKind?

    @Option(help: .init("Only those that were read from this topic.", valueName: "topic"))
    var topic: String?

    @Option(
        parsing: .unconditional, help: .init("Only those from before this RFC 3339 time, or older than e.g. 2h.", valueName: "time"),
        transform: Arguments.timeOrAge)
    var before: String?

    @Option(help: .init("Only those of this service: order, inventory or payment.", valueName: "service"))
    var service: ServiceName?

    var isEmpty: Bool { kind == nil && topic == nil && before == nil && service == nil }

    var services: [ServiceName] { service.map { [$0] } ?? ServiceName.allCases }

    func selection(dryRun: Bool? = nil) -> DeadLetterSelection {
        DeadLetterSelection(kind: kind, topic: topic, before: before, dryRun: dryRun)
    }
}
