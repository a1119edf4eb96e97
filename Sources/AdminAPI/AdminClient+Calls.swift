/// The table of routes as calls, with the types they take and give.
extension AdminClient {
    package func status() async throws(AdminError) -> ServiceStatus { try await ask(.status) }
    /// In Prometheus' text format.
    package func metrics() async throws(AdminError) -> String { String(decoding: try await send(.metrics), as: UTF8.self) }

    package func configuration() async throws(AdminError) -> EffectiveConfiguration { try await ask(.configuration) }

    package func configurationKeys() async throws(AdminError) -> ServiceConfiguration { try await ask(.configurationKeys) }

    package func trace(_ orderId: String) async throws(AdminError) -> DaemonTrace { try await ask(.trace, [orderId]) }

    package func setLogLevel(_ request: LogLevelRequest) async throws(AdminError) { try await send(.setLogLevel, body: request) }

    package func pause(_ what: PauseRequest.Subject) async throws(AdminError) { try await send(.pause, body: PauseRequest(what: what)) }
    package func resume(_ what: PauseRequest.Subject) async throws(AdminError) { try await send(.resume, body: PauseRequest(what: what)) }

    /// A large database takes its time.
    package func backup(to directory: String) async throws(AdminError) -> BackupCopy {
        try await ask(.backup, body: BackupRequest(directory: directory), timeout: .seconds(3600))
    }

    package func republish(_ request: RepublishRequest) async throws(AdminError) -> RepublishResult {
        try await ask(.republish, body: request)
    }

    package func deadLetters(
        _ selection: DeadLetterSelection = DeadLetterSelection(), limit: Int, cursor: String? = nil
    ) async throws(AdminError) -> DeadLetterList {
        try await ask(.deadLetters, query: selection.query + Self.page(limit, cursor))
    }

    package func deadLetter(_ id: String) async throws(AdminError) -> DeadLetter { try await ask(.deadLetter, [id]) }
    package func retryDeadLetter(_ id: String) async throws(AdminError) -> RetryResult { try await ask(.retryDeadLetter, [id]) }
    package func discardDeadLetter(_ id: String) async throws(AdminError) { try await send(.discardDeadLetter, [id]) }

    /// Many of them take their time: an answer is waited for as long as ten minutes.
    package func retryDeadLetters(_ selection: DeadLetterSelection) async throws(AdminError) -> DeadLettersRetried {
        try await ask(.retryDeadLetters, body: selection, timeout: .seconds(600))
    }

    package func discardDeadLetters(_ selection: DeadLetterSelection) async throws(AdminError) -> DeadLettersDiscarded {
        try await ask(.discardDeadLetters, body: selection, timeout: .seconds(600))
    }

    package func orders(
        _ selection: OrderSelection = OrderSelection(), limit: Int, cursor: String? = nil
    ) async throws(AdminError) -> OrderPage {
        try await ask(.orders, query: selection.query + Self.page(limit, cursor))
    }

    /// With an idempotency key the same order may be sent again without harm.
    package func createOrder(_ request: OrderRequest, idempotencyKey: String? = nil) async throws(AdminError) -> Order {
        try await ask(.createOrder, body: request, headers: idempotencyKey.map { [("Idempotency-Key", $0)] } ?? [])
    }

    package func order(_ orderId: String) async throws(AdminError) -> Order { try await ask(.order, [orderId]) }

    /// Answers as soon as the order is no longer PENDING, at the latest after `wait` or 60 s, whichever is less.
    package func order(_ orderId: String, wait: Duration) async throws(AdminError) -> Order {
        let milliseconds = max(1, wait / .milliseconds(1))
        return try await ask(
            .order, [orderId], query: [("wait", "\(Int64(milliseconds))ms")], timeout: min(wait, .seconds(60)) + requestTimeout)
    }

    package func cancelOrder(_ orderId: String) async throws(AdminError) -> Order { try await ask(.cancelOrder, [orderId]) }

    /// Many of them take their time.
    package func cancelOrders(_ request: CancelRequest) async throws(AdminError) -> CancelResult {
        try await ask(.cancelOrders, body: request, timeout: .seconds(600))
    }

    /// Those that are given up: all of them.
    package func retryWebhooks() async throws(AdminError) -> WebhooksRetried { try await ask(.retryWebhooks, timeout: .seconds(600)) }
    package func discardWebhooks() async throws(AdminError) -> WebhooksDiscarded {
        try await ask(.discardWebhooks, timeout: .seconds(600))
    }

    /// It waits until the other services keep up.
    package func purgeOrders(_ request: PurgeRequest) async throws(AdminError) -> PurgeResult {
        try await ask(.purgeOrders, body: request, timeout: .seconds(120))
    }

    /// Whether this service held an order that was purged, and holds nothing of it any more.
    package func hasPurged(_ orderId: String) async throws(AdminError) -> Bool {
        do throws(AdminError) {
            return try await ask(.purged, [orderId], for: PurgedOrder.self).orderId == orderId
        } catch {
            guard error.problemStatus == 404 else { throw error }
            return false
        }
    }

    package func forget(_ user: Int64) async throws(AdminError) -> ForgetResult {
        try await ask(.forgetUser, body: ForgetRequest(userId: user), timeout: .seconds(3600))
    }

    /// The products as they are to be compared with the reservations.
    package func stock() async throws(AdminError) -> [Product] { try await ask(.stock, for: ProductList.self).products }

    /// At the order service: an order it has lost, with its terms.
    package func adopt(_ orderId: String, _ terms: OrderRequest) async throws(AdminError) -> RepairResult {
        try await ask(.repair, [orderId], body: terms)
    }

    /// At a participant.
    package func repair(_ orderId: String, _ request: RepairRequest) async throws(AdminError) -> RepairResult {
        try await ask(.repair, [orderId], body: request)
    }

    package func recountStock(_ productId: Int64) async throws(AdminError) -> RepairResult {
        try await ask(.recountStock, [String(productId)], timeout: .seconds(600))
    }

    /// Asks the gateway once more about a payment.
    package func settleWithGateway(_ orderId: String) async throws(AdminError) -> RepairResult {
        try await ask(.settleWithGateway, [orderId], timeout: .seconds(120))
    }

    /// The gateway is asked about each payment of a page.
    package func gatewayDifferences(cursor: String? = nil) async throws(AdminError) -> GatewayDifferencePage {
        try await ask(.gatewayDifferences, query: cursor.map { [("cursor", $0)] } ?? [], timeout: .seconds(600))
    }

    package func repeatedCharges() async throws(AdminError) -> [RepeatedCharge] {
        try await ask(.repeatedCharges, timeout: .seconds(600), for: RepeatedChargeList.self).orders
    }

    package func products() async throws(AdminError) -> [Product] { try await ask(.products, for: ProductList.self).products }

    package func setStock(_ productId: Int64, available: Int64) async throws(AdminError) -> Product {
        try await ask(.setStock, [String(productId)], body: StockRequest(available: available))
    }

    package func adjustStock(_ productId: Int64, by change: Int64) async throws(AdminError) -> Product {
        try await ask(.adjustStock, [String(productId)], body: StockAdjustment(by: change))
    }

    package func reservations(limit: Int, cursor: String? = nil) async throws(AdminError) -> ReservationPage {
        try await ask(.reservations, query: Self.page(limit, cursor))
    }

    package func reservation(_ orderId: String) async throws(AdminError) -> Reservation { try await ask(.reservation, [orderId]) }

    package func payments(limit: Int, cursor: String? = nil) async throws(AdminError) -> PaymentPage {
        try await ask(.payments, query: Self.page(limit, cursor))
    }

    package func payment(_ orderId: String) async throws(AdminError) -> Payment { try await ask(.payment, [orderId]) }

    private static func page(_ limit: Int, _ cursor: String?) -> [(name: String, value: String)] {
        [("limit", String(limit))] + (cursor.map { [("cursor", $0)] } ?? [])
    }
}
