extension Format where Value == [String: String] {
    /// librdkafka properties by name. Numbers stay as they are written, since librdkafka reads them itself.
    static var properties: Self {
        Format { node, reading in
            entries(of: node, "a map of librdkafka properties", &reading)?.reduce(into: [:]) { properties, entry in
                if entry.key.isEmpty {
                    reading.report("a property needs a name", line: entry.line)
                }
                guard case .scalar(let scalar) = entry.value.content, scalar.kind != .null else {
                    if case .refused = entry.value.content { return }
                    if entry.key.contains(where: { $0 == ":" || $0 == "=" }) {
                        // The key is not shown: in {password:secret} it holds the value.
                        reading.report("a property without a value; \"name: value\" needs a space after the colon", line: entry.line)
                        return
                    }
                    reading.report("must be a string, number or boolean, but is \(entry.value.kind)", line: entry.value.line, at: entry.key)
                    return
                }
                properties[entry.key] = scalar.kind == .boolean ? scalar.text.lowercased() : scalar.text
            }
        } render: { properties, hidingSecrets in
            .map(
                properties.sorted { $0.key < $1.key }.map { name, value in
                    (name, .string(hidingSecrets && KafkaSecrets.isSecret(property: name) ? "***" : value))
                })
        }
    }
}

extension Format where Value == [Int64: Int64] {
    /// Numbers of things by their ids. JSON knows only strings as keys, so the ids may be quoted.
    static func amounts(of identifiers: ClosedRange<Int64>, _ amounts: ClosedRange<Int64>) -> Self {
        Format { node, reading in
            entries(of: node, "a map of product ids to numbers", &reading)?.reduce(into: [:]) { stock, entry in
                var identifier: Int64?
                do throws(Invalid) {
                    identifier = try YAMLScalar(entry.key, style: .untyped).integer(identifiers)
                } catch {
                    reading.report("the product id \(error.message)", line: entry.line)
                }
                do throws(Invalid) {
                    guard let amount = try integer(entry.value, amounts), let identifier else { return }
                    stock[identifier] = amount
                } catch {
                    reading.report(error.message, line: entry.value.line, at: entry.key)
                }
            }
        } render: { stock, _ in
            .map(stock.sorted { $0.key < $1.key }.map { ("\($0.key)", .integer($0.value)) })
        }
    }
}

extension Format where Value == Set<Int64> {
    static func identifiers(_ range: ClosedRange<Int64>) -> Self {
        distinct(of: "integers") { node throws(Invalid) in
            try integer(node, range)
        } render: {
            .integer($0)
        }
    }
}

extension Format where Value == Set<String> {
    /// As a client writes them in front of the port.
    static var hostNames: Self {
        distinct(of: "host names") { node throws(Invalid) in
            switch node.content {
            case .scalar(let scalar):
                let name = try scalar.string()
                guard !name.isEmpty, name.utf8.allSatisfy(isHostByte) else {
                    throw Invalid("\(name.shown) is not a host name, such as orders.example.com; a port is not part of it")
                }
                return name
            case .refused: return nil
            case .list, .map: throw Invalid("must be a host name, not \(node.kind)")
            }
        } render: {
            .string($0)
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension Format {
    /// A list in which nothing counts twice.
    fileprivate static func distinct<Element: Comparable & Hashable & SendableMetatype>(
        of wanted: String, _ read: @escaping @Sendable (YAMLNode) throws(Invalid) -> Element?,
        render: @escaping @Sendable (Element) -> ConfigurationTree
    ) -> Self where Value == Set<Element> {
        Format { node, reading in
            let items: [YAMLNode]
            switch node.content {
            case .list(let list): items = list
            case .scalar where node.isNull: items = []
            case .refused: return nil
            case .scalar, .map:
                reading.report("must be a list of \(wanted), but is \(node.kind)", line: node.line)
                return nil
            }
            var elements: Set<Element> = []
            for (index, item) in items.enumerated() {
                do throws(Invalid) {
                    guard let element = try read(item) else { continue }
                    elements.insert(element)
                } catch {
                    reading.report(error.message, line: item.line, at: "\(index)")
                }
            }
            return elements
        } render: { elements, _ in
            .list(elements.sorted().map(render))
        }
    }
}

extension Format {
    /// The entries of a map; a key with nothing behind it is an empty one.
    fileprivate static func entries(of node: YAMLNode, _ wanted: String, _ reading: inout Reading) -> [YAMLNode.Entry]? {
        switch node.content {
        case .map(let entries): return entries
        case .scalar where node.isNull: return []
        case .refused: return nil
        case .scalar, .list:
            reading.report("must be \(wanted), but is \(node.kind)", line: node.line)
            return nil
        }
    }

    /// Nothing for a node that was reported before.
    fileprivate static func integer(_ node: YAMLNode, _ range: ClosedRange<Int64>) throws(Invalid) -> Int64? {
        switch node.content {
        case .scalar(let scalar) where scalar.kind == .null: throw Invalid("has no value; it must be an integer")
        case .scalar(let scalar): return try scalar.integer(range)
        case .refused: return nil
        case .list, .map: throw Invalid("must be an integer, not \(node.kind)")
        }
    }
}
