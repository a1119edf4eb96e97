import ArgumentParser
import Console
import Saga

/// `sagactl choreography`: the table that the programs are made from; asks no daemon.
struct ChoreographyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "choreography",
        abstract: "Show who hears which event, and what each may say in turn.",
        discussion: """
            Examples:
              sagactl choreography
              sagactl choreography --mermaid
              sagactl choreography --dot | dot -Tsvg > graph.svg
              sagactl choreography --svg choreography.svg --overview architecture.svg
            """)

    @Flag(help: "As a Mermaid flowchart, for Markdown.")
    var mermaid = false

    @Flag(help: "As a graph for dot(1).")
    var dot = false

    @Option(help: .init("Write it as a picture (SVG), too.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(help: .init("Write a picture of the suite (SVG), too.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var overview: String?

    @OptionGroup var options: SuiteOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [mermaid, dot, output.json].count(where: { $0 }) <= 1 else {
            throw ValidationError("give at most one of --mermaid, --dot and --json")
        }
    }

    func run() async throws {
        if let svg { try OutputFile.write(ChoreographyPicture().render(), to: svg) }
        if let overview { try OutputFile.write(SuitePicture().render(), to: overview) }
        if output.json {
            try Output.json(ChoreographyDocument())
        } else if mermaid {
            try Output.write(ChoreographyDrawing.mermaid)
        } else if dot {
            try Output.write(ChoreographyDrawing.dot)
        } else {
            try Output.write(Self.table.render(.current))
        }
    }

    private static var table: TextTable {
        var table = TextTable(("SERVICE", .left), ("HEARS", .left), ("MAY SAY", .left))
        for row in Choreography.rows {
            let unasked = row.unasked.isEmpty ? [] : [("(unasked)", row.unasked)]
            for (trigger, emissions) in unasked + row.hears.map({ ($0.trigger.rawValue, $0.mayEmit) }) {
                let said = row.says.map(\.type).filter(emissions.contains).map(\.rawValue).joined(separator: ", ")
                table.add(.init(row.service.rawValue, .bold), .init(trigger), .init(said))
            }
        }
        return table
    }
}
