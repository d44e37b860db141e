import SyncCore

/// A record and the key of its row.
package struct StoredRecord: Hashable, Sendable {
    package var key: Int64
    package var state: RecordState

    package init(key: Int64, state: RecordState) {
        self.key = key
        self.state = state
    }
}

/// A conflict and the key of its row.
package struct StoredConflict: Hashable, Sendable {
    package var key: Int64
    package var conflict: Conflict

    package init(key: Int64, conflict: Conflict) {
        self.key = key
        self.conflict = conflict
    }
}

/// Numbers that the server counts up.
package enum HubCounter: String, Sendable, CaseIterable {
    /// Grows with each change of people, devices, areas and grants.
    case directoryVersion = "directory_version"
    /// Attempts to join with a secret that belongs to no invitation.
    case joinFailures = "join_failures"
    /// The hub that gave the last number to a device or an area.
    case numberGiver = "number_giver"
    /// Since when marks show that this office made them, in milliseconds since 1970; 0: from the beginning.
    case marksKeyed = "marks_keyed"
    /// When the last backup was finished, in milliseconds since 1970.
    case lastBackup = "last_backup"
}

/// A record that was to be added is there already.
package struct KnownRecord: Error {
    package init() {}
}
