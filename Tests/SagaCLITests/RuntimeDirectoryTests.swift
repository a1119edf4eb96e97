import SagaTestSupport
import AdminStub
import Foundation
import Testing

@testable import Console
@testable import InventoryView
@testable import OrderView
@testable import PaymentView
@testable import SagaCLI

@Suite struct RuntimeDirectoryTests {
    let directory: TestDirectory
    let file: String

    init() throws {
        directory = try TestDirectory()
        file = directory.path + "/sagad.yaml"
        try Data("runtimeDirectory: /file\n".utf8).write(to: URL(fileURLWithPath: file))
    }

    @Test(
        arguments: [
            ("/option", ["SAGAD_RUNTIME_DIRECTORY": "/environment"], "/option"),
            (nil, ["SAGAD_RUNTIME_DIRECTORY": "/environment"], "/environment"),
            (nil, ["SAGAD_RUNTIME_DIRECTORY": ""], "/file"),
            (nil, ["SAGAD_OTHER": "x"], "/file"),
        ] as [(String?, [String: String], String)])
    func `the option beats the environment, which beats the file`(
        option: String?, environment: [String: String], directory: String
    ) throws {
        #expect(RuntimeDirectory.resolve(option: option, configurationFile: file, environment: environment).path == directory)
    }

    @Test func `a file that is broken or missing matters only when nothing stronger decides`() throws {
        try Data("runtimeDirectory: [\n".utf8).write(to: URL(fileURLWithPath: file))
        for file in [file, directory.path + "/missing.yaml"] {
            #expect(RuntimeDirectory.resolve(option: "/x", configurationFile: file, environment: [:]) == ("/x", []))
            let found = RuntimeDirectory.resolve(option: nil, configurationFile: file, environment: [:])
            #expect(found.path == "/run/sagad")
            #expect(found.problems.first?.hasPrefix(file) == true)
        }
    }
}
