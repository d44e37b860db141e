/// One record in a page of the feed: what changed in it since the cursor, as it is now.
package struct RecordUpdate: Hashable, Sendable {
    package var table: Int
    package var record: RecordID
    /// The stamp of the creation: fields that were not written since are null with this stamp where not named.
    package var created: Stamp
    /// Whether `fields` is everything there is, so that what it does not name is null since the creation.
    package var isWhole: Bool
    /// By ascending number; bases are not sent.
    package var fields: [FieldState]
    package var existence: ExistenceState?
    package var isLiving: Bool

    package init(
        table: Int, record: RecordID, created: Stamp, isWhole: Bool, fields: [FieldState],
        existence: ExistenceState?, isLiving: Bool
    ) {
        self.table = table
        self.record = record
        self.created = created
        self.isWhole = isWhole
        self.fields = fields
        self.existence = existence
        self.isLiving = isLiving
    }
}

/// A page of one area's feed. Apply the groups that stand as sent first, then the records, then the conflicts.
package struct FeedPage: Hashable, Sendable {
    package var area: Int
    /// The cursor after this page.
    package var sequence: UInt64
    package var mark: UInt64
    /// Whether the page reaches the end of the feed.
    package var isComplete: Bool
    /// The area's digest at `sequence`, where the page is complete.
    package var digest: UInt128?
    /// Ranges of the device's own group numbers whose changes in this area are in force exactly as it sent them.
    package var asSent: [ClosedRange<UInt64>]
    package var records: [RecordUpdate]
    package var conflicts: [Conflict]

    package init(
        area: Int, sequence: UInt64, mark: UInt64, isComplete: Bool, digest: UInt128?,
        asSent: [ClosedRange<UInt64>] = [], records: [RecordUpdate] = [], conflicts: [Conflict] = []
    ) {
        self.area = area
        self.sequence = sequence
        self.mark = mark
        self.isComplete = isComplete
        self.digest = digest
        self.asSent = asSent
        self.records = records
        self.conflicts = conflicts
    }
}

/// One of the device's groups that the server holds for checking.
package struct HeldGroup: Hashable, Sendable {
    package var number: UInt64
    package var reason: HoldReason

    package init(number: UInt64, reason: HoldReason) {
        self.number = number
        self.reason = reason
    }
}

/// What a person may do.
package enum Role: Int, Sendable, CaseIterable {
    case worker = 1
    case lead = 2
    case admin = 3
    case auditor = 4
    case member = 5

    /// Whether its people decide on conflicts.
    package var mayDecide: Bool { self == .lead || self == .admin }
}

/// Names for the numbers in stamps and records: staff, their devices, the areas that this device may use.
package struct Directory: Hashable, Sendable {
    package struct Device: Hashable, Sendable {
        package var number: UInt32
        package var name: String
        package var person: String

        package init(number: UInt32, name: String, person: String) {
            self.number = number
            self.name = name
            self.person = person
        }
    }

    package struct Area: Hashable, Sendable {
        package var number: Int
        package var name: String
        package var canRead: Bool
        package var canWrite: Bool
        /// The area whose restricted twin this is.
        package var twinOf: Int?
        /// Whether somebody with lived experience has it as their own.
        package var isOfMember: Bool

        package init(
            number: Int, name: String, canRead: Bool, canWrite: Bool, twinOf: Int?, isOfMember: Bool = false
        ) {
            self.number = number
            self.name = name
            self.canRead = canRead
            self.canWrite = canWrite
            self.twinOf = twinOf
            self.isOfMember = isOfMember
        }
    }

    /// Grows with each change of what is below.
    package var version: UInt64
    package var role: Role
    package var person: String
    package var devices: [Device]
    package var areas: [Area]

    package init(version: UInt64, role: Role, person: String, devices: [Device], areas: [Area]) {
        self.version = version
        self.role = role
        self.person = person
        self.devices = devices
        self.areas = areas
    }
}

/// What the server answers to `POST /v1/sync`: receipts, and a page of records for each area.
package struct SyncReply: Hashable, Sendable {
    /// What the server has to say beside the pages.
    package enum Notice: Int, Sendable {
        case none = 0
        /// A number was skipped: the device sends again from `receipt + 1`.
        case gap = 1
        /// A known number came with other content: this database is a copy; nothing of the page was taken.
        case fork = 2
        /// The cursors belong to another history of the server; nothing was sent or taken.
        case otherHistory = 3
    }

    package var notice: Notice
    package var epoch: [UInt8]
    /// What the server's clock shows, in milliseconds since 1970.
    package var clockMilliseconds: Int64
    /// Every group of the device up to this number is on the server's disk, accepted or held.
    package var receipt: UInt64
    /// The largest packed time that the device was given.
    package var highestTime: UInt64
    /// Whether stamps of this page were shifted because the device's clock is wrong.
    package var isClockCorrected: Bool
    /// All groups of the device that are held now.
    package var held: [HeldGroup]
    /// Present where the device's version is behind.
    package var directory: Directory?
    /// One for each area that the device may read.
    package var pages: [FeedPage]
    package var parts: MessageParts

    package init(
        notice: Notice = .none, epoch: [UInt8], clockMilliseconds: Int64, receipt: UInt64, highestTime: UInt64,
        isClockCorrected: Bool = false, held: [HeldGroup] = [], directory: Directory? = nil, pages: [FeedPage] = [],
        parts: MessageParts = MessageParts()
    ) {
        self.notice = notice
        self.epoch = epoch
        self.clockMilliseconds = clockMilliseconds
        self.receipt = receipt
        self.highestTime = highestTime
        self.isClockCorrected = isClockCorrected
        self.held = held
        self.directory = directory
        self.pages = pages
        self.parts = parts
    }
}
