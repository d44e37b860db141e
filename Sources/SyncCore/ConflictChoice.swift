/// What shall stand where two values are in conflict.
package enum ConflictChoice: Hashable, Sendable {
    /// The side with the smaller stamp.
    case a
    /// The side with the greater stamp.
    case b
    /// The newest value that both writers had seen.
    case before
    /// Another value.
    case value(Value)
}
