import AdminAPI
package import ArgumentParser
import FoundationEssentials
import Saga

/// Completes what only the daemons know. A shell that waits for TAB wants an answer soon and no messages: every failure is an empty list.
package enum Completion {
    package static let orders = CompletionKind.custom { words, _, _ in
        await ask(words) { suite throws(AdminError) in try await suite[.order].orders(limit: 50).orders.map(\.orderId) }
    }

    package static let products = CompletionKind.custom { words, _, _ in
        await ask(words) { suite throws(AdminError) in try await suite[.inventory].products().map { String($0.productId) } }
    }

    package static let deadLetters = CompletionKind.custom { words, _, _ in
        await ask(words) { suite in
            let answers = await suite.ask { client throws(AdminError) in try await client.deadLetters(limit: 50).deadLetters }
            return answers.flatMap { $0.value ?? [] }.map(\.id)
        }
    }

    package static func ask(_ words: [String], _ question: (Suite) async throws -> [String]) async -> [String] {
        let directory = RuntimeDirectory.resolve(
            option: value(of: "--runtime-directory", in: words), configurationFile: value(of: "--config", in: words),
            environment: ProcessInfo.processInfo.environment)
        return (try? await question(Suite(runtimeDirectory: directory.path, timeout: .seconds(1)))) ?? []
    }

    package static func value(of option: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
            if word == option, index + 1 < words.count { return words[index + 1] }
        }
        return nil
    }
}
