import AdminAPI
import Console
import Saga

/// What `sagactl config` prints.
struct ConfigurationReport: Encodable {
    let services: [ServiceConfiguration]
}

extension ConfigurationReport {
    /// A line for each key; one for each service where they differ.
    func render(_ style: Style) -> String {
        var table = TextTable(("KEY", .left), ("VALUE", .left), ("SOURCE", .left), ("SERVICE", .left), ("CHANGED", .left))
        for name in services.first?.keys.map(\.key) ?? [] {
            var variants: [(key: ServiceConfiguration.Key, services: [String])] = []
            for service in services {
                guard let key = service.keys.first(where: { $0.key == name }) else { continue }
                if let index = variants.firstIndex(where: { $0.key == key }) {
                    variants[index].services.append(service.service.rawValue)
                } else {
                    variants.append((key, [service.service.rawValue]))
                }
            }
            for (key, names) in variants {
                table.add(
                    .init(key.key), .init(key.value.description.printable), .init(key.source.printable),
                    .init(names.count == services.count && services.count > 1 ? "all" : names.joined(separator: ", ")),
                    .init(Self.change(key).printable, .yellow))
            }
        }
        return table.render(style)
    }

    private static func change(_ key: ServiceConfiguration.Key) -> String {
        guard let configured = key.configured else { return "" }
        return "\(configured) after a \(key.restartNeeded ? "restart" : "reload")"
    }
}
