/// What a message may say beside its fixed elements: one CBOR item for each kind of part.
///
/// A side that does not know a kind passes over it, so that versions of the protocol can meet. Each kind has a typed
/// accessor in a file of its own.
package struct MessageParts: Hashable, Sendable {
    /// The most parts in one message.
    package static let largestCount = 64

    /// The encoded item of each part.
    private var items: [UInt64: [UInt8]] = [:]

    /// No parts at all.
    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    /// The encoded item of a part, or nil where the message does not have it; what is set must be one whole item.
    package subscript(part: MessagePart) -> [UInt8]? {
        get { items[part.rawValue] }
        set { items[part.rawValue] = newValue }
    }
}

/// The kinds of parts, by their numbers on the wire; a number is never used again for something else.
package enum MessagePart: UInt64, Sendable, CaseIterable {
    /// How far a side has the ledger, and entries that the other lacks.
    case ledger = 1
    /// What goes on while a server is healed after a restore.
    case healing = 2
    /// Areas that a device fetches again, and why.
    case refetch = 3
    /// Orders of erasure and their confirmations.
    case erasure = 4
    /// A new identity for a database that was copied.
    case identity = 5
    /// What became of held groups.
    case heldGroups = 6
    /// Final times that differ from the proposed ones.
    case corrections = 7
    /// Own groups that will not come into force, for a restored server.
    case returned = 8
    /// Values of versions that a device saw replaced, for a restored server.
    case replacedValues = 9
    /// Where the audit log ends.
    case audit = 10
    /// How a device stands outside its records.
    case standing = 11
    /// The token that a device will show next.
    case token = 12
    /// The key with which a device signs.
    case deviceKey = 14
    /// A signature with that key over a token that the server does not know.
    case deviceProof = 15
    /// The sealed file that an answer answers.
    case answeredFile = 16
    /// Parts of feeds through which a device is brought, each record once.
    case stretches = 17
    /// That the office asks a device to hand over what it holds.
    case handover = 19
    /// What stands for all that a request in short form leaves out.
    case commonGround = 20
    /// The office's signature over where the audit log ends.
    case auditSignature = 21
    /// How far feeds had come when pages were made that do not reach their ends.
    case seenEnds = 22
    /// Areas of the directory that members have.
    case membersAreas = 24
    /// Groups that a device was told are here, and still holds.
    case openGroups = 25
    /// Which group a page follows that was sent ahead.
    case previousGroup = 26
    /// Groups that a restored server has lost, and under whose numbers it has others.
    case settledGroups = 27
    /// How far a handover has come.
    case handoverProgress = 28
}

/// `parts = {kind: item…}`, by ascending kind, as the last element of a message; a message without parts ends before it.
extension MessageParts {
    /// How many elements the parts add to a message.
    var elementCount: Int { isEmpty ? 0 : 1 }

    func encode(to writer: inout CBORWriter) {
        if isEmpty { return }
        writer.map(count: items.count)
        for (kind, item) in items.sorted(by: { $0.key < $1.key }) {
            writer.unsigned(kind)
            writer.item(item)
        }
    }

    /// Reads the parts, or none where the message has ended.
    init(from reader: inout CBORReader, isPresent: Bool) throws(CBORError) {
        self.init()
        guard isPresent else { return }
        let count = try reader.readMap()
        guard (1...Self.largestCount).contains(count) else { throw reader.unexpectedItem() }
        var last: UInt64?
        for _ in 0..<count {
            let kind = try reader.readKey(after: last)
            items[kind] = try reader.readItem()
            last = kind
        }
    }
}
