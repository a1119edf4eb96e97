/// How one service of a suite is started.
struct ServiceCommand {
    var program: String
    var arguments: [String]
    var environment: [String: String] = [:]
}
