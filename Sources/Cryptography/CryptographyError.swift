/// What a cryptographic operation could not do; never a key or a message.
package enum CryptographyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The library refused to start: the system has no source of randomness.
    case unavailable
    /// A text is not in the coding that it should be in.
    case malformedText(coding: String)
    /// Bytes that are no key.
    case malformedKey

    /// What failed, what state remains and what to do next, in plain words.
    package var description: String {
        switch self {
        case .unavailable:
            "The encryption library cannot start: this system gives no random numbers. Nothing was changed. "
                + "Restart the computer, then try again."
        case .malformedText(let coding):
            "A text is not valid \(coding): it was probably cut or mistyped. Nothing was changed. "
                + "Copy it again, in full."
        case .malformedKey: "A key does not have the right length. Nothing was changed. Restore its file from a backup."
        }
    }
}
