/// The version of the suite this program was built from.
enum Version {
    static let current = "0.1.0"
}
