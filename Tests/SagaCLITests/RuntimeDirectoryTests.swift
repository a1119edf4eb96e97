import Testing

@testable import SagaCLI

@Suite struct RuntimeDirectoryTests {
    @Test(
        arguments: [
            ("/option", ["SAGAD_RUNTIME_DIRECTORY": "/environment"], "/option"),
            (nil, ["SAGAD_RUNTIME_DIRECTORY": "/environment"], "/environment"),
            (nil, ["SAGAD_RUNTIME_DIRECTORY": ""], "/file"),
            (nil, [:], "/file"),
        ] as [(String?, [String: String], String)])
    func `the option beats the environment, which beats the file`(option: String?, environment: [String: String], directory: String) throws
    {
        let resolved = try RuntimeDirectory.resolve(option: option, configurationFile: nil, environment: environment) { _ in "/file" }
        #expect(resolved == directory)
    }

    @Test func `a broken file does not matter when something stronger decides`() throws {
        struct Broken: Error {}
        #expect(try RuntimeDirectory.resolve(option: "/x", configurationFile: "f", environment: [:]) { _ in throw Broken() } == "/x")
        #expect(throws: Broken.self) {
            try RuntimeDirectory.resolve(option: nil, configurationFile: "f", environment: [:]) { _ in throw Broken() }
        }
    }
}
