/// What all records of a process have in common.
package struct LogIdentity: Sendable {
    /// The program's name, the journal's `SYSLOG_IDENTIFIER`.
    package let identifier: String
    /// What field names begin with in the journal: keeps them apart from the fields of others.
    package let fieldPrefix: String
    /// Fields that every record begins with.
    package let fields: LogFields

    package init(identifier: String, fieldPrefix: String, fields: LogFields = [:]) {
        // journald drops fields that begin with a digit, and reserves those that begin with an underscore.
        precondition(fieldPrefix.first?.isLetter == true, "a prefix for journal fields begins with a letter")
        self.identifier = identifier
        self.fieldPrefix = fieldPrefix
        self.fields = fields
    }
}
