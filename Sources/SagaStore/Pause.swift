package import Store

/// What an operator may stop for a while. Kept in the database, so that a restart does not begin again what was stopped.
package enum Pause: String, Sendable, CaseIterable {
    /// New orders are refused.
    case intake
    /// The others' events wait where they are.
    case consumption
}

extension Snapshot {
    package func pauses() throws(StoreError) -> Set<Pause> {
        Set(
            try connection.all("SELECT name FROM meta WHERE name IN ('paused.intake', 'paused.consumption')") { row in
                try Pause(rawValue: String(row.text(0).dropFirst("paused.".count)))
            }.compactMap(\.self))
    }
}

extension Transaction {
    package func save(_ pause: Pause, isOn: Bool) throws(StoreError) {
        if isOn {
            try connection.post("INSERT INTO meta VALUES (?, 1) ON CONFLICT DO NOTHING", .text("paused.\(pause.rawValue)"))
        } else {
            try connection.post("DELETE FROM meta WHERE name = ?", .text("paused.\(pause.rawValue)"))
        }
    }
}
