enum OpenAPI {
    static let order = "{}"
}
