import struct Saga.ServiceName
import AdminAPI
import Console
import Posix
import SagaConfiguration
import Saga
import Systemd

/// Looks from outside at a daemon that does not answer: what systemd knows of its unit, and who has its port.
struct Inspection {
    /// nil where there is none that can be read.
    let configuration: Configuration?

    func status(of service: ServiceName, _ error: AdminError) -> ServiceStatus {
        let holder = portHolder(of: service)
        guard let unit = SystemBus()?.unit("\(service.unit).service") else {
            return .down(service, advice: holder.map { "its port \($0)" } ?? error.advice)
        }
        let state = UnitState(
            loadState: unit.loadState, activeState: unit.activeState, subState: unit.subState, result: unit.result,
            exitCode: unit.exitCode)
        let advice = unit.loadState == "not-found" ? error.advice : UnitAdvice.text(for: service, state, portHolder: holder)
        return .down(service, unit: state, advice: advice)
    }

    /// Somebody else than the daemon, or than systemd in its stead.
    private func portHolder(of service: ServiceName) -> String? {
        guard let port = configuration?.http[service].port, let holder = PortHolder.description(port: port),
            !holder.hasPrefix("process 1 ("), !holder.hasSuffix("(saga-\(service)d)")
        else { return nil }
        return "\(port) is taken by \(holder): end it, or change \(service).http.port; then systemctl start \(service.unit)"
    }
}
