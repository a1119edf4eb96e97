import Foundation
import Testing

@testable import SagaCLI

/// The pictures of the documentation are made from the table.
@Suite struct PictureTests {
    static let pictures: [(file: String, render: @Sendable () -> String)] = [
        ("choreography.svg", { ChoreographyPicture().render() }), ("architecture.svg", { SuitePicture().render() }),
    ]

    @Test(arguments: pictures.indices)
    func `a picture in docs is what the table says today`(_ index: Int) throws {
        let (file, render) = Self.pictures[index]
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs")
        let drawn = try String(contentsOf: docs.appending(path: file), encoding: .utf8)
        #expect(
            drawn == render(),
            "make them anew: sagactl choreography --svg docs/choreography.svg --overview docs/architecture.svg")
    }
}
