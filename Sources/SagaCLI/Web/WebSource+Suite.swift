import Console
import FoundationEssentials
import WebConsole
import Wire

extension WebSource {
    /// A page about this suite.
    init(_ suite: Suite) {
        self.init(
            choreography: WebSource.json(ChoreographyDocument()),
            snapshot: { WebSource.json(await WebSnapshot.taken(of: suite)) },
            trace: { order in
                do throws(Failure) {
                    return .found(WebSource.json(try await suite.trace(of: order).trace))
                } catch {
                    let text = error.lines.map(\.text).joined(separator: "; ")
                    return error.status == .notSo ? .unknown(text) : .unavailable(text)
                }
            })
    }

    /// Texts, numbers and lists of them always encode.
    private static func json(_ value: some Encodable) -> Data {
        (try? AdminJSON.encode(value)) ?? Data("null".utf8)
    }
}
