import CSystemd
import Glibc

/// The system's message bus, as far as it is needed to ask systemd for a unit's state (org.freedesktop.systemd1(5)).
///
/// Owned by whoever opened it; for one thread at a time.
package struct SystemBus: ~Copyable {
    private let bus: OpaquePointer

    /// nil where there is no bus, as in many containers.
    package init?() {
        var opened: OpaquePointer?
        guard sd_bus_open_system(&opened) >= 0, let opened else { return nil }
        bus = opened
        // An answer that takes longer is none: whoever asks wants to know about the daemons.
        sd_bus_set_method_call_timeout(bus, 2_000_000)
    }

    deinit {
        sd_bus_flush_close_unref(bus)
    }

    /// nil where systemd does not answer, as where another program is the first process.
    package func unit(_ name: String) -> SystemdUnit? {
        var encoded: UnsafeMutablePointer<CChar>?
        guard sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &encoded) >= 0, let encoded else { return nil }
        defer { free(encoded) }
        let path = String(cString: encoded)
        guard let loadState = text("LoadState", .unit, at: path), let activeState = text("ActiveState", .unit, at: path),
            let subState = text("SubState", .unit, at: path)
        else { return nil }
        let hasExited = number("ExecMainCode", .service, at: path) == Int32(CLD_EXITED)
        return SystemdUnit(
            loadState: loadState, activeState: activeState, subState: subState, result: text("Result", .service, at: path) ?? "success",
            exitCode: hasExited ? number("ExecMainStatus", .service, at: path) : nil)
    }

    private enum Interface: String {
        case unit = "org.freedesktop.systemd1.Unit"
        case service = "org.freedesktop.systemd1.Service"
    }

    private static let destination = "org.freedesktop.systemd1"

    private func text(_ property: String, _ interface: Interface, at path: String) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard sd_bus_get_property_string(bus, Self.destination, path, interface.rawValue, property, nil, &value) >= 0, let value else {
            return nil
        }
        defer { free(value) }
        return String(cString: value)
    }

    private func number(_ property: String, _ interface: Interface, at path: String) -> Int32? {
        var value: Int32 = 0
        let type = CChar(bitPattern: UInt8(ascii: "i"))
        let code = sd_bus_get_property_trivial(bus, Self.destination, path, interface.rawValue, property, nil, type, &value)
        return code >= 0 ? value : nil
    }
}

/// A service unit as systemd has it.
package struct SystemdUnit: Sendable, Equatable {
    package let loadState: String
    package let activeState: String
    package let subState: String
    package let result: String
    /// Of the last main process, where it ended by itself.
    package let exitCode: Int32?
}
