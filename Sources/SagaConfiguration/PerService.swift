package import Saga

/// One value for each participant.
package struct PerService<Value> {
    private var values: [Value]

    package init(_ initial: (Choreography.Row) -> Value) {
        values = Choreography.rows.map(initial)
    }

    package subscript(service: ServiceName) -> Value {
        get { values[service.number] }
        set { values[service.number] = newValue }
    }
}

extension PerService: Sendable where Value: Sendable {}
extension PerService: Equatable where Value: Equatable {}
