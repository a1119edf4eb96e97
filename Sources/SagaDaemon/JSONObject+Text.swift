import Saga
import Wire

extension JSONObject {
    /// Its members as they are written, without the braces around them.
    var text: String {
        members.map { "\(JSONText.quoted($0.name)): \($0.value.text)" }.joined(separator: ",\n")
    }
}

extension JSONObject {
    /// The same for `paths` of an OpenAPI document, with further responses at each operation.
    func textOfPaths(answering further: String) -> String {
        func nested(_ object: JSONObject, _ depth: Int) -> String {
            object.members.map { member in
                let text: String
                switch (depth, member.name, member.value) {
                case (2, "responses", .object(let responses)): text = "{\(responses.text),\n\(further)}"
                case (0...1, _, .object(let object)): text = "{\(nested(object, depth + 1))}"
                default: text = member.value.text
                }
                return "\(JSONText.quoted(member.name)): \(text)"
            }.joined(separator: ",\n")
        }
        return nested(self, 0)
    }
}

extension JSONValue {
    /// A number that is no integer has lost its digits in reading, and cannot be written again.
    fileprivate var text: String {
        switch self {
        case .object(let object): "{\(object.text)}"
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .string(let text): JSONText.quoted(text)
        case .integer(let number): "\(number)"
        case .number: preconditionFailure("only integers can be written again")
        case .bool(let value): "\(value)"
        case .null: "null"
        }
    }
}
