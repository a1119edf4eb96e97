/// The command line.
struct Options {
    private(set) var brokers: Int32 = 1
    /// Of the first broker; any when nil.
    private(set) var port: UInt16?
    private(set) var topics: [(name: String, partitions: Int32)] = []

    init(_ arguments: [String]) throws(Refusal) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Refusal("\(option) needs a value") }
            switch option {
            case "--brokers":
                guard let count = Int32(value), count > 0 else { throw Refusal("not a number of brokers: \(value)") }
                brokers = count
            case "--port":
                guard let number = UInt16(value), number > 0 else { throw Refusal("not a port: \(value)") }
                port = number
            case "--topic":
                let parts = value.split(separator: ":")
                guard parts.count == 2, let partitions = Int32(parts[1]) else { throw Refusal("not NAME:PARTITIONS: \(value)") }
                topics.append((String(parts[0]), partitions))
            default:
                throw Refusal("no such option: \(option)")
            }
        }
    }
}

/// Why something asked for cannot be done.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
