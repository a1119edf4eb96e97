package import Saga
import Wire

/// The AsyncAPI 3.0 description of what one service publishes and what it reacts to.
///
/// Made of the choreography's rows, so it cannot differ from what the service does. Names and enumerated values in these need no escapes.
package struct AsyncAPIDocument: Sendable {
    package let json: String

    /// - Parameter topic: the name that a participant's topic goes by here.
    package init(of service: ServiceName, topic: (ServiceName) -> String) {
        let row = Choreography.row(of: service)
        let says = Choreography.published(by: service)
        let sources = Choreography.rows.compactMap { source in
            let events = Choreography.published(by: source.service).filter { Choreography.reacts(service, to: $0.type) }
            return events.isEmpty ? nil : (row: source, events: events)
        }
        let channels = [(row: row, events: says)] + sources
        json = #"""
            {
              "asyncapi": "3.0.0",
              "info": {
                "title": "Events of the \#(service) service",
                "version": "\#(Version.current)",
                "description": "What it publishes, and what it reacts to; everything else on the topics that it reads is passed over. An event comes at least once, and those of an order in the order in which its service decided. Who reads ignores members of a payload that it does not know. With the transport direct the same events travel over Unix sockets instead of Kafka.",
                "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
              },
              "defaultContentType": "application/json",
              "channels": {
            \#(channels.map { Self.channel($0.row, $0.events, topic) }.joined(separator: ",\n"))
              },
              "operations": {
            \#(([Self.operation("publish", "send", row, says)]
                + sources.map { Self.operation("on", "receive", $0.row, $0.events) }).joined(separator: ",\n"))
              },
              "components": {
                "messages": {
            \#(channels.flatMap(\.events).map(Self.message).joined(separator: ",\n"))
                },
                "schemas": {
            \#(Self.schemas)
                }
              }
            }

            """#
    }

    private static func channel(_ row: Choreography.Row, _ events: [Choreography.Event], _ topic: (ServiceName) -> String) -> String {
        let messages = events.map { ##""\##($0.type.rawValue)": {"$ref": "#/components/messages/\##($0.type.rawValue)"}"## }
        return #"""
                "\#(row.service)": {
                  "address": \#(JSONText.quoted(topic(row.service))),
                  "description": "What the \#(row.service) service publishes, and nobody else.",
                  "messages": {\#(messages.joined(separator: ", "))},
                  "bindings": {"kafka": {"topic": \#(JSONText.quoted(topic(row.service))), "bindingVersion": "0.5.0"}}
                }
            """#
    }

    private static func operation(
        _ name: String, _ action: String, _ row: Choreography.Row, _ events: [Choreography.Event]
    ) -> String {
        let messages = events.map { ##"{"$ref": "#/channels/\##(row.service)/messages/\##($0.type.rawValue)"}"## }
        return #"""
                "\#(name)\#(row.service.rawValue.prefix(1).uppercased())\#(row.service.rawValue.dropFirst())Events": {
                  "action": "\#(action)", "channel": {"$ref": "#/channels/\#(row.service)"}, "messages": [\#(messages.joined(separator: ", "))]
                }
            """#
    }

    private static func message(_ event: Choreography.Event) -> String {
        let members = [("orderId", ##"{"$ref": "#/components/schemas/UUID"}"##)] + event.members.map { ($0.name, schema(of: $0.kind)) }
        return #"""
                  "\#(event.type.rawValue)": {
                    "name": "\#(event.type.rawValue)", "title": "\#(event.type.rawValue)", "contentType": "application/json",
                    "headers": {"$ref": "#/components/schemas/Headers"},
                    "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
                    "payload": {
                      "type": "object", "additionalProperties": false, "required": ["type", "payload"],
                      "properties": {
                        "type": {"const": "\#(event.type.rawValue)"},
                        "payload": {
                          "type": "object", "required": [\#(members.map { "\"\($0.0)\"" }.joined(separator: ", "))],
                          "properties": {\#(members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", "))}
                        }
                      }
                    }
                  }
            """#
    }

    private static func schema(of kind: Choreography.Member.Kind) -> String {
        switch kind {
        case .id: ##"{"$ref": "#/components/schemas/UUID"}"##
        case .number: ##"{"$ref": "#/components/schemas/PositiveInteger"}"##
        case .user: ##"{"$ref": "#/components/schemas/User"}"##
        case .reason(let known): #"{"enum": [\#(known.map { "\"\($0)\"" }.joined(separator: ", "))]}"#
        }
    }

    private static let schemas = #"""
              "UUID": {
                "type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
              },
              "User": {
                "description": "0: a user who was forgotten since.",
                "type": "integer", "minimum": 0, "maximum": \#(JSONObject.largestInteger)
              },
              "PositiveInteger": {"type": "integer", "minimum": 1, "maximum": \#(JSONObject.largestInteger)},
              "Headers": {
                "description": "CloudEvents 1.0 in binary mode, and the trace (W3C Trace Context).",
                "type": "object", "required": ["ce_id"],
                "properties": {
                  "ce_specversion": {"const": "1.0"},
                  "ce_id": {"description": "Of the event; it has at most one effect, however often it comes.", "$ref": "#/components/schemas/UUID"},
                  "ce_source": {"type": "string", "pattern": "^/sagad/[a-z]+$"},
                  "ce_type": {"type": "string"},
                  "ce_subject": {"description": "The order.", "$ref": "#/components/schemas/UUID"},
                  "ce_time": {"type": "string", "format": "date-time"},
                  "ce_causationid": {"description": "The event that caused this one.", "$ref": "#/components/schemas/UUID"},
                  "content-type": {"const": "application/json"},
                  "traceparent": {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"}
                }
              }
        """#
}
