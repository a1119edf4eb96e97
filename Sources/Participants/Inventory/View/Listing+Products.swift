package import AdminAPI
package import Console

extension Listing {
    package static func products(_ products: [Product], _ style: Style) -> String {
        guard !products.isEmpty else { return "no products: sagactl inventory set PRODUCT --available N\n" }
        var table = TextTable(("PRODUCT", .right), ("AVAILABLE", .right), ("RESERVED", .right), ("SOLD", .right))
        for product in products {
            let available = String(product.available)
            table.add(
                .init(String(product.productId)), product.available == 0 ? .init(available, .yellow) : .init(available),
                .init(String(product.reserved)), .init(String(product.sold)))
        }
        return table.render(style)
    }
}
