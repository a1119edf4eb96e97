/// A table for people: columns as wide as their widest cell, numbers to the right, no line ends in blanks. Where not all of it fits,
/// whole columns are left out rather than the last ones cut off.
package struct TextTable {
    package enum Alignment { case left, right }

    package struct Cell: ExpressibleByStringLiteral {
        package let text: String
        package let paints: [Style.Paint]

        package init(_ text: String, _ paints: Style.Paint...) {
            self.text = text.printable
            self.paints = paints
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    private let columns: [(title: String, alignment: Alignment)]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: (title: String, alignment: Alignment)...) { self.columns = columns }

    /// The columns that can be done without, the most dispensable first.
    package var dispensable: [String] = []

    package mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// - Parameter room: how wide a line may be, if there is a limit.
    package func render(_ style: Style, width room: Int = .max) -> String {
        let widths = columns.indices.map { index in
            max(columns[index].title.count, rows.map { $0[index].text.count }.max() ?? 0)
        }
        var shown = Array(columns.indices)
        for title in dispensable where shown.reduce(-2, { $0 + widths[$1] + 2 }) > room {
            shown.removeAll { columns[$0].title == title }
        }
        let lines = [columns.map { Cell($0.title, .dim) }] + rows
        return lines.map { cells in
            var line = ""
            var blanks = 0
            for index in shown {
                let cell = cells[index]
                let missing = widths[index] - cell.text.count
                blanks += columns[index].alignment == .right ? missing : 0
                if !cell.text.isEmpty {
                    line += String(repeating: " ", count: blanks) + style.paint(cell.text, cell.paints)
                    blanks = 0
                }
                blanks += 2 + (columns[index].alignment == .left ? missing : 0)
            }
            return line + "\n"
        }.joined()
    }
}

/// One thing in detail: a name and a value a line.
package struct Details {
    private var entries: [(name: String, value: String, paints: [Style.Paint])] = []

    package init() {}

    package mutating func add(_ name: String, _ value: String?, _ paints: Style.Paint...) {
        guard let value else { return }
        entries.append((name, value.printable, paints))
    }

    package func render(_ style: Style) -> String {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { style.paint($0.name.padded(width), .dim) + "  " + style.paint($0.value, $0.paints) + "\n" }.joined()
    }
}
