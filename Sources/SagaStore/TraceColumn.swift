package import Saga
package import Store

/// A trace in a column: its id, and one more byte where it is not to be exported, which is seldom.
extension SQLValue {
    package static func trace(_ trace: TraceContext) -> SQLValue {
        trace.isSampled ? .bits(trace.traceID) : .bytes(withUnsafeBytes(of: trace.traceID.bigEndian, Array.init) + [0])
    }
}

extension Row {
    package func trace(_ column: Int32) throws(StoreError) -> TraceContext {
        guard length(column) == 17 else { return TraceContext(traceID: try bits(column)) }
        let bytes = try bytes(column)
        guard bytes[16] == 0 else { throw unexpected(column) }
        return TraceContext(traceID: bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }, isSampled: false)
    }
}
