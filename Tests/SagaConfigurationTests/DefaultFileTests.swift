import Glibc
import Testing

@testable import SagaConfiguration

@Suite struct DefaultFileTests {
    /// What `sed 's/^#\([^ ]\|  \)/\1/'` makes of it: the # of a setting is followed by its name or its indentation,
    /// the # of an explanation by one space.
    static func uncommented() throws -> String {
        let file = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/packaging/sagad.yaml"
        let text = String(decoding: try ConfigurationFile.contents(of: file), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isSetting = line.hasPrefix("#") && line != "#" && (line.dropFirst().first != " " || line.hasPrefix("#  "))
            return isSetting ? String(line.dropFirst()) : String(line)
        }.joined(separator: "\n")
    }

    @Test func `the commented file changes nothing, and uncommented it says the defaults`() throws {
        let file = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/packaging/sagad.yaml"
        #expect(try Configuration.load(file: file, environment: [:]) == .default)
        #expect(try load(try Self.uncommented()) == .default)
    }

    @Test func `uncommented it gives every key of the schema`() throws {
        let document = YAMLDocument(try Self.uncommented().utf8)
        #expect(document.findings.isEmpty)
        let root = try #require(document.root)
        #expect(Self.settings(in: root, at: []) == ConfigurationSchema.settings.map { $0.path.joined(separator: ".") })
    }

    @Test func `every key has one line of explanation`() throws {
        let lines = try Self.uncommented().split(separator: "\n").map { $0.drop { $0 == " " } }
        for setting in ConfigurationSchema.settings {
            let name = try #require(setting.path.last)
            for index in lines.indices where lines[index].hasPrefix("\(name):") && lines[index] != "\(name):" {
                #expect(lines[index - 1].hasPrefix("# "), "\(name)")
            }
        }
    }

    private static func settings(in node: YAMLNode, at path: [String]) -> [String] {
        guard ConfigurationSchema.setting(at: path) == nil, case .map(let entries) = node.content else {
            return [path.joined(separator: ".")]
        }
        return entries.flatMap { settings(in: $0.value, at: path + [$0.key]) }
    }
}
