import FoundationEssentials

/// What the program was built from: the Swift packages that Package.resolved named at that time, which is compiled in.
package enum BuildRecord {
    /// `--version --verbose`: a line each with name, version and revision.
    ///
    /// - Parameter arguments: without the program's name.
    /// - Returns: nil when that was not asked for.
    package static func text(for arguments: [String], version: String, libraries: [String] = []) -> String? {
        guard arguments.contains("--version"), arguments.contains("--verbose") else { return nil }
        return ([version] + libraries + packages).joined(separator: "\n")
    }

    static var packages: [String] {
        struct Resolved: Decodable {
            struct Pin: Decodable {
                struct State: Decodable {
                    let version: String?
                    let revision: String
                }

                let identity: String
                let state: State
            }

            let pins: [Pin]
        }
        // SwiftPM wrote it, and could not have built this with a broken one.
        let resolved = try? JSONDecoder().decode(Resolved.self, from: Data(PackageResources.Package_resolved))
        return (resolved?.pins ?? []).map { "\($0.identity) \($0.state.version ?? "-") \($0.state.revision)" }
    }
}
