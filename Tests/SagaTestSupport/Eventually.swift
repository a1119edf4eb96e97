package import Testing

/// Asks again until the answer is there, for facts that nobody announces. A question that fails is no answer either.
///
/// - Parameter what: said when it does not come to that.
@discardableResult
package func eventually<Answer>(
    _ what: String, within limit: Duration = .seconds(30), sourceLocation: SourceLocation = #_sourceLocation,
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    let end = ContinuousClock.now + limit
    while true {
        var failure: (any Error)?
        do {
            if let answer = try await ask() { return answer }
        } catch {
            failure = error
        }
        try #require(
            ContinuousClock.now < end, "\(what): not within \(limit)\(failure.map { ", \($0)" } ?? "")", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(20))
    }
}
