import Kafka
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// `GET /asyncapi.json`: whether it is sound, and whether what the daemons publish is as it says.
@Suite(.showingLogs) struct AsyncAPITests {
    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object): object.members.flatMap { $0.name == "$ref" ? [$0.value.string ?? ""] : references(in: $0.value) }
        case .array(let values): values.flatMap(references)
        default: []
        }
    }

    /// The types of the messages of all operations with this action.
    private static func types(_ action: String, in document: JSONValue) -> Set<String> {
        let operations = document["operations"]?.object?.members.map(\.value).filter { $0["action"]?.string == action } ?? []
        return Set(
            operations.flatMap { $0["messages"]?.array ?? [] }.compactMap {
                $0["$ref"]?.string?.split(separator: "/").last.map(String.init)
            })
    }

    @Test(.timeLimit(.minutes(20))) func `the documents are sound, and every event on the topics is as they say`() async throws {
        try await KafkaSuite.run { suite in
            try await suite.daemons.start(ServiceName.allCases)
            let orders = try RESTClient(.order)
            for (user, product) in [(1, 1), (2, 1), (1, 99)] { _ = try await orders.decided(orders.place(user: user, product: product)) }
            // What must be given back depends on who was first.
            try await suite.tap.events.wait(for: "events of three orders") { events in
                Set(events.compactMap(\.type)).isSuperset(of: ["ORDER_APPROVED", "ORDER_CANCELED", "PAYMENT_APPROVED"]) ? () : nil
            }
            // What each service heard of it is in its row, but that an order is gone is said to all who may hold something of it.
            try await eventually("that an order is at rest and purged", within: .seconds(60)) { () -> Void? in
                _ = try await suite.daemons.sagactl("orders", "purge", "--before", "1ms", "--yes")
                return suite.tap.events.state.contains { $0.type == "ORDER_PURGED" } ? () : nil
            }
            for service in ServiceName.allCases {
                let answer = try await RESTClient(service).get("/asyncapi.json")
                let document = try answer.json
                let schema = JSONSchema(document: document)
                #expect(document["asyncapi"]?.string == "3.0.0")
                #expect(try await Python.problems(of: answer.text, by: "asyncapi-3.0.0.json", in: suite.daemons.directory) == "")
                let lost = AsyncAPITests.references(in: document).filter { schema.resolve($0) == nil }
                #expect(lost.isEmpty)
                let row = Choreography.row(of: service)
                let (said, heard): (Set, Set) = service == .order ? (["ORDER_PURGED"], []) : ([], ["ORDER_PURGED"])
                #expect(AsyncAPITests.types("send", in: document) == said.union(row.says.map(\.type.rawValue)))
                #expect(AsyncAPITests.types("receive", in: document) == heard.union(row.hears.map(\.trigger.rawValue)))

                let channel = try #require(document["channels"]?[service.rawValue])
                let published = suite.tap.events.state.filter { $0.message.topic == channel["address"]?.string }
                #expect(!published.isEmpty)
                for event in published {
                    let type = try #require(event.type)
                    let message = try #require(document["components"]?["messages"]?[type], "\(type)")
                    let (body, rule) = (try #require(event.body), try #require(message["payload"]))
                    #expect(schema.problems(of: body, as: rule) == [], "\(type)")
                    let known = message["payload"]?["properties"]?["payload"]?["properties"]?.object?.members.map(\.name)
                    #expect(body["payload"]?.object?.members.map(\.name) == known)
                    for member in document["components"]?["schemas"]?["Headers"]?["properties"]?.object?.members ?? [] {
                        guard let text = event[member.name] else {
                            #expect(member.name == "ce_causationid", "\(type) has no \(member.name)")
                            continue
                        }
                        #expect(schema.problems(of: .string(text), as: member.value) == [])
                    }
                }
            }
        }
    }
}
