enum OpenAPI {
    static let payment = "{}"
}
