import SyncCore

/// The lines of the audit log in words, the same in both programs. They name nobody.
package enum AuditWording {
    /// What happened.
    package static func what(_ entry: AuditEntry) -> String {
        switch AuditEntry.Kind(rawValue: entry.kind) {
        case .enrolment: "device let in"
        case .grant: "area given"
        case .take: "area taken"
        case .revocation: "device shut out"
        case .area: "area made"
        case .erasure: "erased"
        case .wipe: "wipe ordered"
        case .deviceKey: "key of a device"
        case .serverKey: "next key of the server announced"
        case .role: "role changed"
        case .invitation: "invited"
        case .invitationRefused: "invitation refused"
        case .signIn: "signed in"
        case .signInRefused: "sign-in refused"
        case .decision: "conflict decided"
        case .heldAccepted: "held work accepted"
        case .heldDropped: "held work dropped"
        case .export: "exported"
        case .backup: "backup made"
        case .restored: "server put back"
        case .mismatch: "log differs from a device's"
        case .copied: "copy let in"
        case .tokenChanged: "token changed"
        case .tokenProved: "token proved by key"
        case .invitationCancelled: "invitation taken back"
        case .historyClaimed: "new history by a device's word alone"
        case .unsignedHead: "line named that is not here"
        case .breachReport: "breach report made"
        case .recordRestored: "deleted record brought back"
        case nil: "kind \(entry.kind)"
        }
    }

    /// How many, or of which number, where `about` does not say it; empty for none.
    package static func more(_ entry: AuditEntry) -> String {
        let isTold = entry.kind == AuditEntry.Kind.export.rawValue && ExportNote(detail: entry.detail) != nil
        return isTold || entry.detail == 0 ? "" : String(entry.detail)
    }

    /// What it happened to: a line of the ledger, a device, or an id; empty where nothing is named.
    package static func about(_ entry: AuditEntry) -> String {
        let number = entry.subject.count == 8 ? entry.subject.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : nil
        switch AuditEntry.Kind(rawValue: entry.kind) {
        case .enrolment, .grant, .take, .revocation, .area, .erasure, .wipe, .deviceKey, .serverKey, .role:
            return number.map { "ledger \($0)" } ?? ""
        case .recordRestored: return RecordID(bytes: entry.subject)?.description ?? ""
        case .export: return ExportNote(detail: entry.detail)?.words ?? ""
        case .signInRefused, .heldAccepted, .heldDropped, .mismatch, .unsignedHead, .copied, .breachReport:
            return number.map { "device \($0)" } ?? ""
        default: return Base32.grouped(entry.subject)
        }
    }
}
