package import Hummingbird
import Wire

extension Request {
    /// Whom the body names, `{"userId":1}`. Not the path: that is logged.
    package func namedUser() async throws -> Int64 {
        try await jsonObject { object throws(JSONError) in
            let user = try object.positiveInteger("userId")
            try object.requireOnly("userId")
            return user
        }
    }
}
