package import HTTPServer
package import Logging
import SagaStore
import Store
import Systemd
import Transport

extension StoreError: ProblemConvertible {
    /// What the work itself is to blame for should not have happened; for the rest the client may try again.
    package var problem: ProblemError? { isInfrastructure ? .unavailable(description) : nil }

    package var logMetadata: Logger.Metadata {
        if case .foreignConstraint = self { [JournalLogHandler.messageID: "\(MessageID.constraintViolated)"] } else { [:] }
    }
}
