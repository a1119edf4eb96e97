import Console
import struct Saga.ServiceName
import AdminAPI

/// How the suite is: what `sagactl status` prints.
struct StatusReport: Encodable {
    let overall: ServiceStatus.State
    let services: [ServiceStatus]

    /// A daemon that gave no usable answer counts as down, whatever the reason.
    ///
    /// - Throws: where it may not be asked or believed: how it is is not known then.
    init(_ answers: [Answer<ServiceStatus>], inspect: (ServiceName, AdminError) -> ServiceStatus = { .down($0, advice: $1.advice) })
        throws(Failure)
    {
        let denied = answers.compactMap(\.error).filter(\.isNotAllowed)
        guard denied.isEmpty else { throw Failure(unavailable: denied) }
        services = answers.map { answer in
            switch answer.result {
            case .success(let status): status
            case .failure(let error): inspect(answer.service, error)
            }
        }
        overall = services.map(\.state).max() ?? .down
    }

    var exitStatus: ExitStatus {
        switch overall {
        case .ready: .done
        case .degraded, .stopping: .notSo
        case .down: .down
        }
    }
}

extension StatusReport {
    func render(_ style: Style, width: Int = .max) -> String {
        var table = TextTable(
            ("SERVICE", .left), ("STATE", .left), ("VERSION", .left), ("PID", .right), ("UPTIME", .left), ("TRANSPORT", .left),
            ("OUTBOX", .left), ("LAG", .right), ("DEAD LETTERS", .right))
        // A transport that is not connected is among the reasons as well.
        table.dispensable = ["VERSION", "PID", "UPTIME", "TRANSPORT"]
        for status in services {
            table.add(
                .init(status.service.rawValue, .bold), Self.cell(status.state), .init(status.version ?? ""),
                .init(status.pid.map(String.init) ?? ""), .init(status.uptimeSeconds.map(Quantity.span(seconds:)) ?? ""),
                Self.cell(status.transport), Self.cell(status.outbox), Self.cell(count: status.lag, .yellow),
                Self.cell(count: status.deadLetters, .red))
        }
        var text = table.render(style, width: width)
        let remarks = services.flatMap { status in (status.reasons ?? []).map { "\(status.service.rawValue): \($0.printable)\n" } }
        if !remarks.isEmpty { text += "\n" + remarks.joined() }
        if let orders = services.first(where: { $0.orders != nil })?.orders { text += "\n" + Self.line(orders) + "\n" }
        return text
    }

    static func line(_ orders: [String: Int]) -> String {
        "orders: " + Order.Status.allCases.map { "\(orders[$0.rawValue] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    }

    static func cell(_ state: ServiceStatus.State) -> TextTable.Cell {
        switch state {
        case .ready: .init(state.rawValue, .green)
        case .degraded, .stopping: .init(state.rawValue, .yellow)
        case .down: .init(state.rawValue, .red, .bold)
        }
    }

    private static func cell(_ transport: ServiceStatus.Transport?) -> TextTable.Cell {
        guard let transport else { return "" }
        return transport.connected ? .init(transport.kind) : .init("\(transport.kind), not connected", .yellow)
    }

    private static func cell(_ outbox: ServiceStatus.Outbox?) -> TextTable.Cell {
        guard let outbox else { return "" }
        guard let age = outbox.oldestSeconds, outbox.pending > 0 else { return .init(String(outbox.pending)) }
        return .init("\(outbox.pending), oldest \(Quantity.span(seconds: age))", .yellow)
    }

    private static func cell(count: Int?, _ paint: Style.Paint) -> TextTable.Cell {
        guard let count else { return "" }
        return count > 0 ? .init(String(count), paint) : .init("0")
    }
}
