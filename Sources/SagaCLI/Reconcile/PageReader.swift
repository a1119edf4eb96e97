import Console
import AdminAPI

/// Reads a paged listing item by item, holding one page in memory.
struct PageReader<Item: Sendable> {
    typealias Page = (items: [Item], next: String?)

    private let fetch: @Sendable (_ cursor: String?) async throws(AdminError) -> Page
    private var items: ArraySlice<Item> = []
    private var cursor: String?
    private var isLast = false

    init(_ fetch: @escaping @Sendable (_ cursor: String?) async throws(AdminError) -> Page) { self.fetch = fetch }

    /// The next item, not yet taken; nil at the end.
    mutating func peek() async throws(AdminError) -> Item? {
        while items.isEmpty && !isLast {
            let page = try await fetch(cursor)
            items = page.items[...]
            cursor = page.next
            isLast = page.next == nil
        }
        return items.first
    }

    mutating func next() async throws(AdminError) -> Item? {
        let item = try await peek()
        items = items.dropFirst()
        return item
    }
}
