enum UnixSocketAddress {
    static func prepare(_ path: String) throws {}
    static func open(_ path: String) throws {}
}
