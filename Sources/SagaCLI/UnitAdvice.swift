import struct Saga.ServiceName
import AdminAPI
import Console

/// What to do about a daemon that does not answer, from what systemd knows of its unit.
enum UnitAdvice {
    static func text(for service: ServiceName, _ unit: UnitState, portHolder: String? = nil) -> String {
        let name = "\(service.unit).service"
        let log = "journalctl -x -u \(name) -p warning -n 20"
        switch unit.loadState {
        case "masked": return "the unit is masked: systemctl unmask \(name) && systemctl start \(name)"
        case "not-found": return "there is no unit \(name): is the package installed?"
        case "loaded": break
        default: return "the unit is \(unit.loadState): systemd-analyze verify \(name)"
        }
        switch unit.activeState {
        case "active": return "it runs, but does not answer: \(log)"
        case "reloading", "deactivating": return "it is \(unit.activeState): wait, then look again"
        case "activating" where unit.subState != "auto-restart": return "it is starting: wait, then look again, or \(log)"
        case "inactive" where unit.result == "success":
            return "it is not started: systemctl start \(name) (systemctl enable \(name) for every start of the system)"
        default: break
        }
        let state = unit.subState == "auto-restart" ? "it fails and is started again and again" : "it failed"
        return "\(state) (\(cause(unit))): \(cure(service, unit, portHolder) ?? log)\(restart(name, unit))"
    }

    private static func cause(_ unit: UnitState) -> String {
        unit.result == "exit-code" || unit.result == "success" ? "exit status \(unit.exitCode ?? 0)" : unit.result
    }

    /// The exit statuses of the daemons, as saga-orderd(8) has them.
    private static func cure(_ service: ServiceName, _ unit: UnitState, _ portHolder: String?) -> String? {
        let log = "journalctl -x -u \(service.unit).service -p warning -n 20"
        switch unit.exitCode {
        case 65: return "its database is damaged or of a newer version; \(log)"
        case 69: return portHolder.map { "its port \($0)" } ?? "its port or socket is taken or out of reach; \(log)"
        case 74: return "the disk failed; \(log)"
        case 75: return "another instance of it runs; \(log)"
        case 78:
            return "its configuration or its directories are wrong; saga-\(service)d --check-config, ls -ld /var/lib/sagad/\(service) "
                + "(chown -R sagad:sagad where it is somebody else's), \(log)"
        default: return nil
        }
    }

    private static func restart(_ name: String, _ unit: UnitState) -> String {
        unit.activeState == "failed" ? "; then systemctl reset-failed \(name) && systemctl start \(name)" : ""
    }
}
