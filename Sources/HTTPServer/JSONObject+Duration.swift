package import Wire

extension JSONObject {
    /// A member that is a duration as people write them.
    package func duration(_ name: String) throws(JSONError) -> Duration {
        let text = try string(name)
        do {
            return try DurationText.read(text)
        } catch {
            throw JSONError("\(name) must be a duration: a positive number with ms, s, m, h or d, such as 60s")
        }
    }
}
