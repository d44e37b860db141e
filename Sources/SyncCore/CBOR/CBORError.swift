/// Why bytes are not the expected CBOR; each with the offset in bytes where the item starts.
package enum CBORError: Error, Hashable {
    /// The bytes end before the item does, or its length or count claims more than is left.
    case truncated(offset: Int)
    /// Not in core deterministic encoding: a head or real longer than needed, an indefinite length, a reserved head, a
    /// simple value other than false, true and null, map keys that do not ascend.
    case notCanonical(offset: Int)
    /// Well formed, but of another kind than should stand there.
    case unexpected(found: CBORReader.Kind, offset: Int)
    /// Well formed, but with a value that may not stand there; the offset may be that of the item's end.
    case notAllowed(offset: Int)
    /// A string of more bytes than `CBORLimits.lengthBytes`.
    case tooLong(offset: Int)
    /// More arrays, maps and tags within each other than `CBORLimits.depth`.
    case tooDeep(offset: Int)
    /// An array or map with more items or pairs than `CBORLimits.count`.
    case tooMany(offset: Int)
    /// Text that is not UTF-8.
    case invalidText(offset: Int)
    /// Something follows the last item.
    case trailingBytes(offset: Int)
}

extension CBORError: CustomStringConvertible {
    /// What is wrong and where, what state remains, what to do; never a part of the content.
    package var description: String {
        let (what, offset) = reason
        return "Cannot read the message: \(what) at byte \(offset). Nothing of it was used. Send or fetch it again."
    }

    private var reason: (what: String, offset: Int) {
        switch self {
        case .truncated(let offset): ("it ends within the item", offset)
        case .notCanonical(let offset): ("not in deterministic encoding", offset)
        case .unexpected(let found, let offset): ("an item of the wrong kind, \(found),", offset)
        case .notAllowed(let offset): ("a value that may not stand there", offset)
        case .tooLong(let offset): ("a string that is too long", offset)
        case .tooDeep(let offset): ("arrays nested too deep", offset)
        case .tooMany(let offset): ("a list that is too long", offset)
        case .invalidText(let offset): ("text that is not UTF-8", offset)
        case .trailingBytes(let offset): ("more bytes than expected", offset)
        }
    }
}
