import OutreachModel
import SyncCore

/// Who may do what with records over the network: one line for each place where a record can be, one column for each
/// role. The tests of endpoints are made of these lines; what no line allows is denied.
enum RoleTable {
    /// The roles in the order of the columns.
    static let roles = ["worker", "lead", "admin", "auditor", "member"]

    /// Where a record is, seen from somebody who was given one area.
    enum Spot: String, CaseIterable {
        case everyone, own, ownRestricted, other, otherRestricted
        /// The id of a record that nobody made.
        case absent
    }

    /// What each role may do with records of one table in one place.
    struct Line {
        let spot: Spot
        let table: Int
        /// For each role `r` where it reads and `w` where it writes; `-` where it may not.
        private let cells: [String]

        init(_ spot: Spot, _ table: Int, _ cells: String) {
            self.spot = spot
            self.table = table
            self.cells = cells.split(separator: " ").map(String.init)
        }

        func reads(_ role: String) -> Bool { cell(role).contains("r") }
        func writes(_ role: String) -> Bool { cell(role).contains("w") }

        private func cell(_ role: String) -> String {
            zip(RoleTable.roles, cells).first { $0.0 == role }?.1 ?? "--"
        }
    }

    static let lines = [
        //                                                       worker lead admin auditor member
        Line(.everyone, OutreachSchema.Number.place, /*       */ "rw rw rw -- r-"),
        Line(.everyone, OutreachSchema.Number.resource, /*    */ "r- r- rw -- r-"),
        Line(.own, OutreachSchema.Number.person, /*           */ "rw rw rw -- rw"),
        Line(.ownRestricted, OutreachSchema.Number.concern, /**/ "-w rw rw -- --"),
        Line(.other, OutreachSchema.Number.person, /*         */ "-- -- rw -- --"),
        Line(.otherRestricted, OutreachSchema.Number.concern, /**/ "-- -- rw -- --"),
        Line(.absent, OutreachSchema.Number.person, /*        */ "-- -- -- -- --"),
    ]

    /// Who may settle a conflict in the own area.
    static let deciders: Set = ["lead", "admin"]

    /// What stands behind a token.
    enum Standing: String, CaseIterable {
        case live, revoked
        /// The laptop has another token since.
        case expired
        case unknown, missing
    }

    /// What each endpoint answers to a body that it can't read, by what stands behind the token. Joining asks for none.
    static let endpoints: [(path: String, statuses: [Standing: Int])] = [
        ("/v1/sync", [.live: 400, .revoked: 400, .expired: 401, .unknown: 401, .missing: 401]),
        ("/v1/history", [.live: 400, .revoked: 403, .expired: 401, .unknown: 401, .missing: 401]),
        ("/v1/arrivals", [.live: 400, .revoked: 403, .expired: 401, .unknown: 401, .missing: 401]),
        ("/v1/audit", [.live: 400, .revoked: 403, .expired: 401, .unknown: 401, .missing: 401]),
        ("/v1/bundle", [.live: 400, .revoked: 403, .expired: 401, .unknown: 401, .missing: 401]),
        ("/v1/join", [.live: 400, .revoked: 400, .expired: 400, .unknown: 400, .missing: 400]),
        ("/v1/nothing", [.live: 404, .revoked: 404, .expired: 404, .unknown: 404, .missing: 404]),
        ("/", [.live: 404, .revoked: 404, .expired: 404, .unknown: 404, .missing: 404]),
    ]
}
