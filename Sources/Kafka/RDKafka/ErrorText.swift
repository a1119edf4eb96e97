/// Runs a C call that explains its failure in a text buffer, and returns its result with that text.
func withErrorText<Result>(_ call: (UnsafeMutablePointer<CChar>, Int) -> Result) -> (result: Result, text: String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        buffer.initialize(repeating: 0)
        // A non-empty allocation has a base address.
        let start = buffer.baseAddress!
        let result = call(start, buffer.count)
        return (result, String(cString: start))
    }
}
