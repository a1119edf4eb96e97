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
        Format { node, reading in
            let items: [YAMLNode]
            switch node.content {
            case .list(let list): items = list
            case .scalar where node.isNull: items = []
            case .refused: return nil
            case .scalar, .map:
                reading.report("must be a list of integers, but is \(node.kind)", line: node.line)
                return nil
            }
            var identifiers: Set<Int64> = []
            for (index, item) in items.enumerated() {
                do throws(Invalid) {
                    guard let identifier = try integer(item, range) else { continue }
                    identifiers.insert(identifier)
                } catch {
                    reading.report(error.message, line: item.line, at: "\(index)")
                }
            }
            return identifiers
        } render: { identifiers, _ in
            .list(identifiers.sorted().map { .integer($0) })
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
