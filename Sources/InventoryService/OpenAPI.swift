enum OpenAPI {
    static let inventory = "{}"
}
