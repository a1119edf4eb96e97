/// One key as an operator sees it: what the running daemon has, where that is from, and what it would have if it started now.
package struct ConfigurationKey: Sendable {
    package let key: String
    package let value: ConfigurationTree
    /// `default`, a file and its line, or a variable.
    package let source: String
    /// What the file and the environment say by now, where that is something else.
    package let configured: ConfigurationTree?
    /// Whether that only counts after a restart, rather than a reload.
    package let restartNeeded: Bool

    package var tree: ConfigurationTree {
        var members: [(name: String, value: ConfigurationTree)] = [("key", .string(key)), ("value", value), ("source", .string(source))]
        if let configured { members.append(("configured", configured)) }
        return .map(members + [("restartNeeded", .boolean(restartNeeded))])
    }
}

extension Configuration.Loaded {
    /// Every key of the schema, in its order.
    ///
    /// - Parameter latest: as it would be read now; nil where it has errors.
    package func keys(comparedTo latest: Configuration?) -> [ConfigurationKey] {
        ConfigurationSchema.settings.map { setting in
            let changed = latest.flatMap { setting.differs(configuration, $0) ? $0 : nil }
            return ConfigurationKey(
                key: setting.name, value: setting.render(configuration, true), source: origins[setting.path]?.description ?? "default",
                configured: changed.map { setting.render($0, true) },
                restartNeeded: changed != nil && !ConfigurationSchema.isReloadable(setting))
        }
    }
}

extension Configuration {
    /// The keys of which a daemon takes over nothing without a restart, and that `other` has otherwise.
    ///
    /// - Parameter others: sections that do not concern it.
    package func keysNeedingRestart(comparedTo other: Configuration, ignoring others: Set<String> = []) -> [String] {
        ConfigurationSchema.settings.filter { setting in
            !ConfigurationSchema.isReloadable(setting) && !others.contains(setting.path[0]) && setting.differs(self, other)
        }.map(\.name)
    }
}

extension Setting {
    fileprivate var name: String { path.joined(separator: ".") }

    fileprivate func differs(_ one: Configuration, _ other: Configuration) -> Bool {
        render(one, false).json != render(other, false).json
    }
}

extension ConfigurationSchema {
    /// What a running daemon takes over on SIGHUP.
    fileprivate static func isReloadable(_ setting: Setting) -> Bool {
        [["logLevel"], ["order", "deadline"]].contains(setting.path)
    }
}
