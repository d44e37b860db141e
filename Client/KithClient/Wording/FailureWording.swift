import Cryptography
import Database
import RecordStorage
import SyncCore
import SyncReplica
import Terminal

/// Says in plain words what went wrong, that nothing was lost, and what to do next; decides on the exit code.
enum FailureWording {
    static let saved = "What was saved here stays saved."

    /// The failure to show for any error.
    static func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as ClientError: failure(error)
        case let error as DatabaseError: failure(error)
        case let error as ReplicaError: failure(error)
        case let error as RecordStorageError where error == .damagedRow:
            CommandFailure(exitCode: .damaged, message: error.description, next: "kith doctor")
        case let error as RecordStorageError: CommandFailure(exitCode: .failed, message: error.description)
        case let error as CryptographyError: CommandFailure(exitCode: .failed, message: error.description)
        default: CommandFailure(exitCode: .failed, message: "This failed unexpectedly. \(saved)", next: "kith doctor")
        }
    }

    /// The office ordered this laptop's records to be removed, but some work can't be handed in.
    static func cannotHandIn(_ count: Int) -> CommandFailure {
        CommandFailure(
            exitCode: .refused,
            message: "The office shut this laptop out and ordered it to remove its records, but "
                + (count == 1 ? "1 change" : "\(count) changes")
                + " could not be handed in, so nothing was removed. Bring this laptop to the office.")
    }

    /// The failure of a work that the database ended after a part of it was kept.
    ///
    /// - Parameter outcome: what became of it, as sentences.
    static func failure(_ error: DatabaseError, outcome: String) -> CommandFailure {
        let isDamaged = error.kind == .corrupt || error.kind == .notADatabase
        return CommandFailure(
            exitCode: isDamaged ? .damaged : .failed, message: error.description(outcome: outcome),
            next: isDamaged ? "kith doctor" : nil)
    }

    private static func failure(_ error: DatabaseError) -> CommandFailure {
        switch error.kind {
        case .corrupt, .notADatabase:
            CommandFailure(exitCode: .damaged, message: error.description, next: "kith doctor")
        case .newerVersion, .foreignFile: CommandFailure(exitCode: .failed, message: error.description)
        default: CommandFailure(exitCode: .failed, message: error.description, next: "kith status")
        }
    }

    private static func failure(_ error: ReplicaError) -> CommandFailure {
        switch error {
        case .notJoined: failure(ClientError.notJoined)
        case .alreadyJoined: failure(ClientError.alreadyJoined)
        case .roleNotAllowed:
            CommandFailure(
                exitCode: .refused,
                message: "Only a lead or an admin decides between two sides. Nothing was changed.",
                next: "kith conflicts list")
        case .areaNotWritable:
            CommandFailure(
                exitCode: .refused, message: "You may not write in that team. Nothing was saved. Ask the office.",
                next: "kith status")
        case .anotherOffice: CommandFailure(exitCode: .refused, message: error.description, next: "kith status")
        case .recordNotFound, .conflictNotFound:
            CommandFailure(exitCode: .notFound, message: error.description)
        case .unknownTable, .unknownField, .repeatedField, .wrongType, .valueTooLarge, .reasonTooLarge,
            .choiceDoesNotFit, .tooManyChanges, .groupTooLarge:
            CommandFailure(exitCode: .usage, message: error.description)
        case .damaged: CommandFailure(exitCode: .damaged, message: error.description, next: "kith doctor")
        default: CommandFailure(exitCode: .failed, message: error.description, next: "kith status")
        }
    }

    private static func failure(_ error: ClientError) -> CommandFailure {
        switch error {
        case .noHome:
            CommandFailure(
                exitCode: .failed,
                message: "There is no home folder to keep anything in. Nothing was saved. Set KITH_HOME to a folder.")
        case .folder(let path, let reason):
            CommandFailure(
                exitCode: .failed,
                message: "\(path) can't be used: \(reason). Nothing was changed. Check the folder, or set KITH_HOME.")
        case .notJoined:
            CommandFailure(
                exitCode: .failed, message: "This laptop has not joined an office yet. Nothing was saved.",
                next: "kith join --device NAME")
        case .alreadyJoined:
            CommandFailure(
                exitCode: .failed, message: "This laptop has joined an office already. Nothing was changed.",
                next: "kith status")
        case .syncIsRunning:
            CommandFailure(
                exitCode: .failed, message: "Another sync of this laptop is running. Nothing was changed.",
                next: "kith status")
        case .recordsDiffer(let areas):
            CommandFailure(
                exitCode: .failed,
                message: "The records here and at the office differ (\(areas.joined(separator: ", "))). \(saved) "
                    + "Tell the office.", next: "kith doctor")
        default: connectionFailure(error)
        }
    }

    /// The failure of a sync.
    ///
    /// - Parameter waiting: how many records wait to be sent.
    static func failure(_ error: ClientError, waiting: Int) -> CommandFailure {
        let kept =
            waiting == 0
            ? saved : "\(waiting) \(waiting == 1 ? "record stays" : "records stay") saved here, waiting to be sent."
        return connectionFailure(error, kept: kept)
    }

    /// The failure of a join: what to do next is to join, since there is nothing to sync yet.
    static func joinFailure(_ error: ClientError) -> CommandFailure {
        if error == .wrongKey {
            return CommandFailure(
                exitCode: .refused,
                message:
                    "What answers at the server's address may not be your office's server: it shows another key than the "
                    + "invitation names. Nothing was sent. This laptop has not joined yet. Ask the office for a new one.",
                next: "kith join --device NAME")
        }
        let failure = connectionFailure(error, kept: "This laptop has not joined yet.")
        return CommandFailure(exitCode: failure.exitCode, message: failure.message, next: "kith join --device NAME")
    }

    private static func connectionFailure(_ error: ClientError, kept: String = saved) -> CommandFailure {
        switch error {
        case .offline:
            CommandFailure(
                exitCode: .offline, message: "The office's server can't be reached now. \(kept)", next: "kith sync")
        case .cutOff(let reason):
            CommandFailure(
                exitCode: .offline,
                message: "The connection to the office's server ended too early (\(reason)). \(kept)",
                next: "kith sync")
        case .wrongKey:
            CommandFailure(
                exitCode: .refused,
                message: "What answers at the server's address may not be your office's server: it shows another key. "
                    + "Nothing was sent. \(kept) Tell the office. If it changed its key while this laptop was away, it has a "
                    + "code for you.", next: "kith server-key CODE")
        case .unreadableReply(let status):
            CommandFailure(
                exitCode: .failed,
                message:
                    "The server's answer (\(status)) can't be read. \(kept) Update this program, or tell the office.",
                next: "kith sync")
        case .officeDiskFull:
            CommandFailure(
                exitCode: .offline,
                message:
                    "The office's server takes nothing now: its disk is full. \(kept) Tell the office: nobody can send "
                    + "anything until there is room.", next: "kith sync")
        case .tooManyCopies:
            CommandFailure(
                exitCode: .refused,
                message:
                    "This laptop's folder was copied, or put back from an older copy, too often: of one folder eight copies "
                    + "a day can go on by themselves, and 32 in all. \(kept) Sync again tomorrow, or ask the office for an "
                    + "invitation and join with a new folder.", next: "kith sync")
        case .refused(let refusal): failure(refusal, kept: kept)
        case .shutOut: failure(.revoked, kept: kept)
        default: CommandFailure(exitCode: .failed, message: "This failed. \(saved)", next: "kith doctor")
        }
    }

    private static func failure(_ refusal: Refusal, kept: String) -> CommandFailure {
        switch refusal {
        case .invitation:
            CommandFailure(
                exitCode: .refused,
                message: "The office's server does not take this invitation: it is wrong, used or expired. "
                    + "Nothing was saved. Ask the office for a new one.", next: "kith join --device NAME")
        case .notAllowed:
            CommandFailure(
                exitCode: .refused,
                message:
                    "The office's server does not know this laptop by what it shows. \(kept) Where a sync says so too, ask "
                    + "the office.", next: "kith sync")
        case .revoked:
            CommandFailure(
                exitCode: .refused,
                message: "The office does not let this laptop sync any more. \(kept) Ask the office.",
                next: "kith status")
        case .unavailable:
            CommandFailure(
                exitCode: .offline, message: "The office's server can't do it now. \(kept)", next: "kith sync")
        case .protocolVersion:
            CommandFailure(
                exitCode: .refused,
                message: "This program and the office's server are of versions that don't understand each other. "
                    + "\(kept) Update kith.", next: "kith --version")
        case .malformed, .notFound, .tooLarge, .dictionary, .unabridged:
            CommandFailure(
                exitCode: .refused,
                message: "The office's server refused what was sent (\(refusal)). \(kept) Tell the office.",
                next: "kith doctor")
        }
    }
}
