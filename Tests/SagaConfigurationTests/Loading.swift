@testable import SagaConfiguration

/// The configuration of a file with this text, seen under the name `f`.
func load(_ yaml: String, _ environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
    try load(bytes: Array(yaml.utf8), environment)
}

func load(bytes: [UInt8], _ environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
    var reader = ConfigurationReader()
    reader.readFile("f", contents: bytes)
    reader.readEnvironment(environment)
    return try reader.finish()
}

/// The problems of a configuration as an operator sees them; none if it is fine.
func problems(_ yaml: String, _ environment: [String: String] = [:]) -> [String] {
    problems(bytes: Array(yaml.utf8), environment)
}

func problems(bytes: [UInt8], _ environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
        _ = try load(bytes: bytes, environment)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

func changed(_ change: (inout Configuration) -> Void) -> Configuration {
    var configuration = Configuration.default
    change(&configuration)
    return configuration
}
