import SagaTestSupport
import InventoryService
import OrderService
import PaymentService
import Saga
import Testing
import Wire

@Suite struct EventCodingTests {
    static let order = #""orderId":"0198a1f0-5c00-7abc-8def-0123456789ab""#
    static let payment = #""paymentId":"0198a1f0-5c01-7000-8000-00000000000a""#

    /// What the contract puts on the wire, byte for byte.
    static let golden: [(SagaEvent, String)] = [
        (
            .orderCreated(Sample.terms),
            #"{"type":"ORDER_CREATED","payload":{\#(order),"userId":7,"productId":11,"quantity":3,"amount":1250}}"#
        ),
        (.orderApproved(orderID: Sample.orderID), #"{"type":"ORDER_APPROVED","payload":{\#(order)}}"#),
        (canceled(.paymentFailed), #"{"type":"ORDER_CANCELED","payload":{\#(order),"reason":"PAYMENT_FAILED"}}"#),
        (canceled(.inventoryFailed), #"{"type":"ORDER_CANCELED","payload":{\#(order),"reason":"INVENTORY_FAILED"}}"#),
        (canceled(.deadlineExceeded), #"{"type":"ORDER_CANCELED","payload":{\#(order),"reason":"DEADLINE_EXCEEDED"}}"#),
        (canceled(.canceledByClient), #"{"type":"ORDER_CANCELED","payload":{\#(order),"reason":"CANCELED_BY_CLIENT"}}"#),
        (.inventoryReserved(Sample.claim), #"{"type":"INVENTORY_RESERVED","payload":{\#(order),"productId":11,"quantity":3}}"#),
        (.inventoryReleased(Sample.claim), #"{"type":"INVENTORY_RELEASED","payload":{\#(order),"productId":11,"quantity":3}}"#),
        (
            .inventoryFailed(Sample.claim, reason: .outOfStock),
            #"{"type":"INVENTORY_FAILED","payload":{\#(order),"productId":11,"quantity":3,"reason":"OUT_OF_STOCK"}}"#
        ),
        (
            .inventoryFailed(Sample.claim, reason: .unknownProduct),
            #"{"type":"INVENTORY_FAILED","payload":{\#(order),"productId":11,"quantity":3,"reason":"UNKNOWN_PRODUCT"}}"#
        ),
        (
            .inventoryFailed(Sample.claim, reason: .orderCanceled),
            #"{"type":"INVENTORY_FAILED","payload":{\#(order),"productId":11,"quantity":3,"reason":"ORDER_CANCELED"}}"#
        ),
        (.paymentApproved(Sample.charge), #"{"type":"PAYMENT_APPROVED","payload":{\#(order),\#(payment),"userId":7,"amount":1250}}"#),
        (.paymentRefunded(Sample.charge), #"{"type":"PAYMENT_REFUNDED","payload":{\#(order),\#(payment),"userId":7,"amount":1250}}"#),
        (
            .paymentFailed(Sample.charge, reason: .declined),
            #"{"type":"PAYMENT_FAILED","payload":{\#(order),\#(payment),"userId":7,"amount":1250,"reason":"DECLINED"}}"#
        ),
        (
            .paymentFailed(Sample.charge, reason: .orderCanceled),
            #"{"type":"PAYMENT_FAILED","payload":{\#(order),\#(payment),"userId":7,"amount":1250,"reason":"ORDER_CANCELED"}}"#
        ),
    ]

    static func canceled(_ reason: CancelReason) -> SagaEvent {
        .orderCanceled(orderID: Sample.orderID, reason: reason)
    }

    @Test("An event has exactly this wire form, and is read back from it", arguments: golden)
    func goldenForm(event: SagaEvent, text: String) throws {
        #expect(String(decoding: event.encoded(), as: UTF8.self) == text)
        #expect(try DecodedBody(decoding: text.utf8) == .event(event))
        #expect(event.orderID == Sample.orderID)
    }

    @Test func `An event that says whose it is can be had without that`() {
        let forgotten = SagaEvent.paymentApproved(Sample.charge).withoutUser
        #expect(
            String(decoding: forgotten.encoded(), as: UTF8.self)
                == #"{"type":"PAYMENT_APPROVED","payload":{\#(Self.order),\#(Self.payment),"userId":0,"amount":1250}}"#)
        #expect(SagaEvent.inventoryReserved(Sample.claim).withoutUser == .inventoryReserved(Sample.claim))
    }

    @Test func `That an order was purged is no part of the choreography, and is read by those who hear of its beginning`() throws {
        let body = #"{"type":"ORDER_PURGED","payload":{\#(Self.order)}}"#
        #expect(try DecodedBody(decoding: body.utf8) == .event(.orderPurged(orderID: Sample.orderID)))
        #expect(!EventType.allCases.contains(.orderPurged))
        #expect(EventType.orderPurged.topic == ServiceName.order.topic)
        #expect(ServiceName.allCases.filter { Choreography.reacts($0, to: .orderPurged) } == [.inventory, .payment])
    }

    @Test("Every type and every reason has a golden form")
    func goldenIsComplete() {
        #expect(Self.golden.map(\.0.testDescription).sorted() == Sample.events.map(\.testDescription).sorted())
        #expect(Set(Sample.events.map(\.type)) == Set(EventType.allCases))
    }

    @Test("What any event says survives the wire, at the ends of every range too", arguments: [1, 9_007_199_254_740_991] as [Int64])
    func roundTrip(number: Int64) throws {
        for bits in [UInt128.min, .max] {
            let (orderID, paymentID) = (OrderID(bits: bits), PaymentID(bits: ~bits))
            let claim = StockClaim(orderID: orderID, productID: number, quantity: number)
            let charge = Charge(orderID: orderID, paymentID: paymentID, userID: number, amount: number)
            let terms = OrderTerms(orderID: orderID, userID: number, productID: number, quantity: number, amount: number)
            for event in [SagaEvent.orderCreated(terms), .inventoryReserved(claim), .paymentApproved(charge)] {
                #expect(try DecodedBody(decoding: event.encoded()) == .event(event))
            }
        }
    }

    // MARK: What must be refused

    enum Kind: Sendable {
        case number, id
        /// A number, or 0 for one who is forgotten.
        case user
        case reason([String])

        /// What a member of this kind must not be.
        var wrong: [String] {
            let common = ["null", "true", "false", "[]", "{}", #""""#, #""1""#, "1.0", "0"]
            switch self {
            case .user: return Kind.number.wrong.filter { $0 != "0" && $0 != "-0" }
            case .number:
                return common + [
                    "-1", "-0", "01", "+1", "1.", ".5", "1e3", "1E0", "0x1", "NaN", "9007199254740992", "9223372036854775808",
                    "18446744073709551617", "99999999999999999999999999", "[1]", #"{"":1}"#,
                ]
            case .id:
                return common + [
                    "1", #""0198a1f05c007abc8def0123456789ab""#, #""{0198a1f0-5c00-7abc-8def-0123456789ab}""#,
                    #""0198a1f0-5c00-7abc-8def-0123456789a""#, #""0198a1f0-5c00-7abc-8def-0123456789abc""#,
                    #""0198a1f0-5c00-7abc-8def-0123456789ag""#, #""0198a1f-05c00-7abc-8def-0123456789ab""#,
                    #"" 198a1f0-5c00-7abc-8def-0123456789ab""#, #""٠198a1f0-5c00-7abc-8def-0123456789ab""#,
                ]
            case .reason(let known):
                // U+212A KELVIN SIGN is a K in Unicode's eyes, and in those of Swift's ==, but not on the wire.
                let disguised = known.filter { $0.contains("K") }.map { $0.replacing("K", with: "\u{212A}") }
                return common + (disguised + known.map { $0.lowercased() } + known.map { $0 + " " } + ["NONE"]).map { "\"\($0)\"" }
            }
        }
    }

    /// The members of every payload, from the contract.
    static let schema: [(EventType, [(name: String, kind: Kind)])] = {
        let id = [("orderId", Kind.id)]
        let claim = id + [("productId", .number), ("quantity", .number)]
        let charge = id + [("paymentId", .id), ("userId", .user), ("amount", .number)]
        return [
            (.orderCreated, id + [("userId", .user), ("productId", .number), ("quantity", .number), ("amount", .number)]),
            (.orderApproved, id),
            (
                .orderCanceled,
                id + [("reason", .reason(["PAYMENT_FAILED", "INVENTORY_FAILED", "DEADLINE_EXCEEDED", "CANCELED_BY_CLIENT"]))]
            ),
            (.inventoryReserved, claim),
            (.inventoryFailed, claim + [("reason", .reason(["OUT_OF_STOCK", "UNKNOWN_PRODUCT", "ORDER_CANCELED"]))]),
            (.inventoryReleased, claim),
            (.paymentApproved, charge),
            (.paymentFailed, charge + [("reason", .reason(["DECLINED", "ORDER_CANCELED"]))]),
            (.paymentRefunded, charge),
        ]
    }()

    @Test("A payload has its members, each within its range, and perhaps others that are passed over", arguments: schema)
    func strictPayload(type: EventType, members: [(name: String, kind: Kind)]) throws {
        func right(_ kind: Kind) -> String {
            switch kind {
            case .number: "1"
            case .user: "0"
            case .id: "\"\(Sample.orderID)\""
            case .reason(let known): "\"\(known[0])\""
            }
        }
        func body(_ members: [(name: String, value: String)]) -> String {
            #"{"type":"\#(type.rawValue)","payload":{\#(members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}}"#
        }
        func refuse(_ members: [(name: String, value: String)], naming name: String) {
            let text = body(members)
            #expect(performing: { try DecodedBody(decoding: text.utf8) }, throws: { "\($0)".contains(name) })
        }

        let good = members.map { (name: $0.name, value: right($0.kind)) }
        let expected = try DecodedBody(decoding: body(good).utf8)
        if case .event(let event) = expected { #expect(event.type == type) } else { Issue.record("\(type) is not known") }
        #expect(try DecodedBody(decoding: body(good.reversed()).utf8) == expected)

        for further in [("extra", "1"), ("reasons", #"[{"x":null}]"#), (good[0].name.uppercased(), "\"other\"")] {
            #expect(try DecodedBody(decoding: body(good + [further]).utf8) == expected)
            #expect(try DecodedBody(decoding: body([further] + good).utf8) == expected)
        }
        for (index, member) in members.enumerated() {
            var missing = good
            missing.remove(at: index)
            refuse(missing, naming: member.name)
            refuse(missing + [("extra", "1")], naming: member.name)
            refuse(good + [good[index]], naming: member.name)
            for value in member.kind.wrong {
                var wrong = good
                wrong[index].value = value
                #expect(throws: JSONError.self, "\(member.name): \(value)") { try DecodedBody(decoding: body(wrong).utf8) }
            }
        }
    }

    @Test(
        "A body is one object with a type and a payload, and nothing else",
        arguments: [
            "", " ", "null", "1", "\"ORDER_APPROVED\"", "[]", "{}", "{", "}",
            #"[{"type":"ORDER_APPROVED","payload":{\#(order)}}]"#,
            #"{"type":"ORDER_APPROVED"}"#,
            #"{"payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","payload":null}"#,
            #"{"type":"ORDER_APPROVED","payload":[]}"#,
            #"{"type":"ORDER_APPROVED","payload":"{}"}"#,
            #"{"type":"ORDER_APPROVED","payload":{}}"#,
            #"{"type":null,"payload":{\#(order)}}"#,
            #"{"type":["ORDER_APPROVED"],"payload":{\#(order)}}"#,
            #"{"type":1}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)},"version":1}"#,
            #"{"type":"ORDER_APPROVED","type":"ORDER_APPROVED","payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)},"payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","\u0074ype":"ORDER_APPROVED","payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)}}{}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)}},"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order),}}"#,
            #"{"type":"ORDER_APPROVED" "payload":{\#(order)}}"#,
            #"{'type':'ORDER_APPROVED','payload':{\#(order)}}"#,
            #"{type:"ORDER_APPROVED","payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED",/**/"payload":{\#(order)}}"#,
            #"{"type":"\ud83d","payload":{}}"#,
            "\u{FEFF}" + #"{"type":"ORDER_APPROVED","payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order)}}"# + "\0",
        ])
    func strictBody(text: String) {
        #expect(throws: JSONError.self) { try DecodedBody(decoding: text.utf8) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused, wherever they stand",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let body = Array(#"{"type":"NEW","x":""}"#.utf8)
        let inside = body.dropLast(2) + bytes + body.suffix(2)
        #expect(throws: JSONError.self) { try DecodedBody(decoding: inside) }
        #expect(throws: JSONError.self) { try DecodedBody(decoding: bytes + body) }
        #expect(throws: JSONError.self) { try DecodedBody(decoding: body + bytes) }
        let name = Array(#"{"type":"NEW","#.utf8) + [0x22] + bytes + Array("\":1}".utf8)
        #expect(throws: JSONError.self) { try DecodedBody(decoding: name) }
    }

    @Test("A body may have 64 KiB and not a byte more")
    func largest() throws {
        let event = SagaEvent.orderApproved(orderID: Sample.orderID)
        let body = event.encoded()
        let fitting = body + Array(repeating: UInt8(ascii: " "), count: 65_536 - body.count)
        #expect(try DecodedBody(decoding: fitting) == .event(event))
        #expect(throws: JSONError.self) { try DecodedBody(decoding: fitting + [UInt8(ascii: " ")]) }
    }

    // MARK: What must be accepted

    @Test(
        "The same JSON written otherwise says the same",
        arguments: [
            #"{"payload":{\#(order)},"type":"ORDER_APPROVED"}"#,
            "\r\n\t { \"type\" : \"ORDER_APPROVED\" , \"payload\" : { \(order) } } \n",
            #"{"\u0074ype":"ORDER\u005fAPPROVED","payload":{\#(order)}}"#,
            #"{"type":"ORDER_APPROVED","payload":{\#(order.replacing("a", with: "A").replacing("c", with: "C"))}}"#,
        ])
    func otherSpellings(text: String) throws {
        let body = try DecodedBody(decoding: text.utf8)
        #expect(body == .event(.orderApproved(orderID: Sample.orderID)))
        guard case .event(let event) = body else { return }
        #expect(String(decoding: event.encoded(), as: UTF8.self) == #"{"type":"ORDER_APPROVED","payload":{\#(Self.order)}}"#)
    }

    @Test(
        "A type from a newer version is passed over, whatever it carries",
        arguments: [
            #"{"type":"ORDER_SHIPPED","payload":{"orderId":1,"parcels":[{"x":null}]}}"#, #"{"type":"ORDER_SHIPPED"}"#,
            #"{"type":"ORDER_SHIPPED","payload":null,"version":2}"#,
        ])
    func unknownType(text: String) throws {
        #expect(try DecodedBody(decoding: text.utf8) == .unknownType("ORDER_SHIPPED"))
    }

    @Test("A type is known by its exact name", arguments: ["order_created", "ORDER_CREATED ", "", "ORDER-CREATED", "\u{0}"])
    func nearlyKnownType(name: String) throws {
        var text = JSONText()
        text.object { $0.member("type", name) }
        #expect(try DecodedBody(decoding: text.bytes) == .unknownType(name))
    }
}
