/// The present row of an engine's result, column by column; nil where a value has another type.
protocol ResultRow: AnyObject {
    func isNull(_ column: Int32) -> Bool
    func integer(_ column: Int32) -> Int64?
    /// nil also where it is no UTF-8. It may hold a zero byte.
    func text(_ column: Int32) -> String?
    func bytes(_ column: Int32) -> [UInt8]?
    /// Sixteen bytes, the most significant first.
    func bits(_ column: Int32) -> UInt128?
    /// In bytes; 0 for NULL.
    func length(_ column: Int32) -> Int
    /// Its name and value, and the statement that found it, for a message.
    func described(_ column: Int32) -> (name: String, value: String, query: String)
}
