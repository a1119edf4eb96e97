/// The version of the suite, as the package and `--version` have it.
package enum Version {
    package static let current = "0.1.0"
}
