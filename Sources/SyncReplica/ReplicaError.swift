import SyncCore

/// What a replica could not do; in every case what was saved before stays as it was.
package enum ReplicaError: Error, Equatable {
    case notJoined
    case alreadyJoined
    case nestedTransaction
    case unknownTable(Int)
    case unknownField(table: String, field: Int)
    case repeatedField(table: String, field: Int)
    case wrongType(table: String, field: String)
    case valueTooLarge(table: String, field: String, bytes: Int)
    case reasonTooLarge(bytes: Int)
    case areaNotWritable(Int)
    case roleNotAllowed
    case recordNotFound(RecordID)
    case recordExists(RecordID)
    case recordDeleted(RecordID)
    case recordNotDeleted(RecordID)
    /// The office has ordered to erase the record, and the user of this device has not answered yet.
    case recordErased(RecordID)
    /// The office has erased what the new words were written over.
    case wordsErased(RecordID)
    case conflictNotFound(UInt128)
    case choiceDoesNotFit(UInt128)
    case tooManyChanges
    /// No held work of this device has this number.
    case heldNotFound(UInt64)
    /// The words of this held work are at the office alone.
    case heldNotHere(UInt64)
    /// Nothing of it is left that could be sent.
    case nothingToSend(UInt64)
    case groupTooLarge(bytes: Int)
    /// The server's history is not the one that was synced with before.
    case otherHistory
    /// The server bears another office's key than the one that this device has joined.
    case anotherOffice
    /// Another copy of this database has used the same group numbers.
    case forked
    /// The server asks for groups that are no longer held here.
    case groupsGone(ClosedRange<UInt64>)
    /// A reply that breaks the protocol; it was not applied.
    case unexpectedReply(String)
    case noProgress(round: Int)
    case tooManyRounds(Int)
    /// What was read from the file contradicts itself.
    case damaged(String)
}

extension ReplicaError: CustomStringConvertible {
    /// What failed, what state remains and what to do next.
    package var description: String {
        switch self {
        case .notJoined: "This device has not joined a server. Nothing was changed. Join first: kith join"
        case .alreadyJoined: "This device has joined a server already. Nothing was changed."
        case .nestedTransaction: "A local transaction was begun inside another one. Nothing was changed."
        case .unknownTable, .unknownField, .repeatedField, .wrongType, .valueTooLarge, .reasonTooLarge:
            "\(rejectedValue) Nothing was saved."
        case .areaNotWritable, .roleNotAllowed: "\(refusal) Nothing was saved. Ask the office for access."
        case .recordNotFound, .recordExists, .recordDeleted, .recordNotDeleted, .recordErased, .wordsErased,
            .conflictNotFound, .choiceDoesNotFit:
            "\(wrongTarget) Nothing was changed."
        case .heldNotFound(let number):
            "No work of this device that was held has the number \(number). Nothing was changed."
        case .heldNotHere(let number):
            "The words of \(number) are not all on this device any more; the office has them. Nothing was changed. "
                + "Ask the office to accept it."
        case .nothingToSend(let number):
            "Nothing of \(number) is left to send: later work says it already. Nothing was changed."
        case .tooManyChanges:
            "More than \(ChangeGroup.largestCount) records would change at once. Nothing was saved. Use smaller parts."
        case .groupTooLarge(let bytes):
            "\(bytes) bytes would be saved at once, the limit is \(ChangeGroup.largestBytes). Nothing was saved. "
                + "Use smaller parts."
        case .otherHistory, .anotherOffice, .forked, .groupsGone, .unexpectedReply, .noProgress, .tooManyRounds:
            syncFailure
        case .damaged(let what): "The local store contradicts itself: \(what). Nothing was changed. Check: kith doctor"
        }
    }

    private var rejectedValue: String {
        switch self {
        case .unknownTable(let number): "Table \(number) is not known to this version."
        case .unknownField(let table, let field): "Field \(field) of \(table) is not known to this version."
        case .repeatedField(let table, let field): "Field \(field) of \(table) was given twice."
        case .wrongType(let table, let field): "The value for \(field) of \(table) has the wrong type."
        case .valueTooLarge(let table, let field, let bytes):
            "The value for \(field) of \(table) takes \(bytes) bytes, the limit is \(Value.largestBytes)."
        case .reasonTooLarge(let bytes):
            "The reason for the decision takes \(bytes) bytes, the limit is \(Value.largestBytes)."
        default: ""
        }
    }

    private var refusal: String {
        switch self {
        case .areaNotWritable(let area): "This device may not write in area \(area)."
        default: "Only a lead or an admin may decide."
        }
    }

    private var wrongTarget: String {
        switch self {
        case .recordNotFound(let id): "There is no record \(id) on this device."
        case .recordExists(let id): "A record \(id) exists already."
        case .recordDeleted(let id): "Record \(id) is deleted."
        case .recordNotDeleted(let id): "Record \(id) is not deleted."
        case .recordErased(let id): "The office has asked to erase record \(id): it takes no more changes."
        case .wordsErased(let id):
            "The office has erased words of record \(id) over which this was written: it may repeat them."
        case .conflictNotFound: "There is no such conflict on this device."
        default: "This choice does not fit the conflict."
        }
    }

    private var syncFailure: String {
        let next = " Everything stays saved here."
        return switch self {
        case .otherHistory:
            "The server's records have another history than those that this device synced with." + next
                + " Ask the office whether the server was restored or replaced."
        case .anotherOffice:
            "This is another office's server than the one that this device has joined." + next
                + " Ask the office whether the server was set up anew."
        case .forked:
            "Another copy of this device's database has synced before." + next + " Ask the office for a new invitation."
        case .groupsGone(let numbers):
            "The server asks again for groups \(numbers.lowerBound) to \(numbers.upperBound), "
                + "which this device no longer holds." + next + " Ask the office whether the server was restored."
        case .unexpectedReply(let what):
            "The server's reply breaks the protocol: \(what)." + next + " Try again: kith sync"
        case .noProgress(let round):
            "The server took nothing of what was sent in round \(round)." + next + " Try again: kith sync"
        case .tooManyRounds(let rounds): "The sync did not end after \(rounds) rounds." + next + " Try again: kith sync"
        default: next
        }
    }
}
