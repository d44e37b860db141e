import CSQLite

/// What went wrong with a database: the kind, SQLite's own code and message, and the file; never a bound value.
package struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller can react to.
    package enum Kind: Hashable, Sendable {
        /// The disk, or the quota, is full.
        case full
        /// The file, its folder or its disk cannot be written.
        case readOnly
        /// The disk failed to read or write.
        case inputOutput
        /// The file is damaged.
        case corrupt
        /// The file is something else than an SQLite database.
        case notADatabase
        /// The file is the SQLite database of another application.
        case foreignFile
        /// The file was written by a later version of this program.
        case newerVersion
        /// Another process or connection held the file for longer than the busy timeout.
        case busy
        /// The file or its lock file cannot be opened.
        case cannotOpen
        /// A row breaks a constraint of its table.
        case constraint
        /// This module was called in a way that it does not allow: a defect of the caller.
        case misuse
        /// Anything else that SQLite reports.
        case other
    }

    /// What a caller can react to.
    package let kind: Kind
    /// SQLite's extended result code, or 0 where SQLite was not asked.
    package let code: Int32
    /// The reason in SQLite's words, or the system's; it names tables and columns, never values.
    package let message: String
    /// The database file.
    package let path: String

    /// Makes an error that SQLite did not report itself.
    init(_ kind: Kind, code: Int32 = 0, _ message: String, path: String) {
        self.kind = kind
        self.code = code
        self.message = message
        self.path = path
    }

    /// Makes an error from what SQLite reported.
    ///
    /// - Parameter systemError: the `errno` behind an input or output error, 0 if there is none.
    init(code: Int32, systemError: Int32, message: String, path: String) {
        self.kind = Kind(code: code, systemError: systemError)
        self.code = code
        // The full-text search quotes the words that it could not read: they are somebody's words.
        self.message = message.hasPrefix("fts5:") ? "the search expression cannot be read" : message
        self.path = path
    }

    /// What failed, what state remains and what to do next, in plain words.
    package var description: String { description(outcome: outcome) }

    /// The same, with what became of a work that was done in part in place of what usually remains.
    ///
    /// - Parameter outcome: one sentence or several.
    package func description(outcome: String) -> String { "\(cause) \(outcome) \(advice)" }

    /// The same where what failed only came after a work that is saved, and which nobody must do again.
    package var afterSaving: String { [cause, remedy].compactMap { $0 }.joined(separator: " ") }

    private var cause: String {
        switch kind {
        case .full: "The disk is full: \(path) cannot grow."
        case .readOnly: "\(path) cannot be written (\(message))."
        case .inputOutput: "The disk failed while \(path) was read or written (\(message), code \(code))."
        case .corrupt: "\(path) is damaged (\(message), code \(code))."
        case .notADatabase: "\(path) is not a database (\(message))."
        case .foreignFile: "\(path) belongs to another program."
        case .newerVersion: "\(path) was written by a newer version of this program (\(message))."
        case .busy: "\(path) is in use by another program (\(message))."
        case .cannotOpen: "\(path) cannot be opened (\(message))."
        case .constraint, .misuse, .other: "\(path) refused a step (\(message), code \(code))."
        }
    }

    private var outcome: String {
        switch kind {
        case .full: "Nothing was changed, and what was saved before is still there."
        case .readOnly: "Nothing was changed, and what was saved before can still be read."
        // What the disk refused to make safe may be on it all the same, which a loss of power brings to light.
        case .inputOutput: "What was saved before is still there; look whether this was saved before you do it again."
        case .notADatabase, .foreignFile, .newerVersion: "It was not touched."
        default: "Nothing was changed."
        }
    }

    /// What to do about the cause where there is nothing to try again.
    private var remedy: String? {
        switch kind {
        case .full: "Free some space."
        case .readOnly: "Make the disk and the folder writable."
        case .inputOutput: "Check the disk."
        case .busy: nil
        default: advice
        }
    }

    private var advice: String {
        switch kind {
        case .full: "Free some space, then try again."
        case .readOnly: "Make the disk and the folder writable, then try again."
        case .inputOutput: "Check the disk, then try again."
        case .corrupt: "Keep a copy of this file and of the files beside it, then restore a backup."
        case .notADatabase: "Name another file, or restore a backup."
        case .foreignFile: "Name another file."
        case .newerVersion: "Install the newer version."
        case .busy: "Wait until that program has finished, or close it, then try again."
        case .cannotOpen: "Check that the folder exists and that you may read and write it."
        case .constraint, .misuse, .other: "Please report this message: it is a defect of the program."
        }
    }
}

extension DatabaseError.Kind {
    /// Reads the kind from SQLite's extended code, and from the `errno` behind an input or output error.
    init(code: Int32, systemError: Int32) {
        let primary = code & 0xFF
        if primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN, let kind = Self(systemError: systemError) {
            self = kind
            return
        }
        switch primary {
        case SQLITE_FULL: self = .full
        case SQLITE_READONLY: self = .readOnly
        case SQLITE_IOERR: self = .inputOutput
        case SQLITE_CORRUPT: self = .corrupt
        case SQLITE_NOTADB: self = .notADatabase
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .busy
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: self = .cannotOpen
        case SQLITE_CONSTRAINT: self = .constraint
        case SQLITE_MISUSE, SQLITE_RANGE: self = .misuse
        default: self = .other
        }
    }

    /// The kind that an `errno` tells by itself, if any.
    init?(systemError: Int32) {
        switch systemError {
        case SystemError.noSpace, SystemError.quotaExceeded: self = .full
        case SystemError.readOnlyFileSystem: self = .readOnly
        default: return nil
        }
    }
}
