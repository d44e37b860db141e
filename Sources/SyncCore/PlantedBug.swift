#if PlantedBugs
    /// Mistakes that the simulator must find: compiled in by the package trait of that name alone, never in what ships.
    ///
    /// One is chosen when the process starts. Each stands at its place in the engine, as one or two lines.
    package enum PlantedBug: String, CaseIterable, Sendable {
        case tieBreakDropped = "tie-break-dropped"
        case greaterOrEqual = "greater-or-equal"
        case cursorBeforeRows = "cursor-before-rows"
        case receiptBeforeCommit = "receipt-before-commit"
        case dedupeAfterMerge = "dedupe-after-merge"
        case baseAtSave = "base-at-save"
        case sentGroupCoalesced = "sent-group-coalesced"
        case tombstoneCollectedEarly = "tombstone-collected-early"
        case stampBelowBase = "stamp-below-base"
        case ownNumberLost = "own-number-lost"
        case lateAncestorLogged = "late-ancestor-logged"
        case futureStampAdopted = "future-stamp-adopted"
        case digestWithoutValues = "digest-without-values"
        case markIgnored = "mark-ignored"
        case quarantineBlocks = "quarantine-blocks"
        case caseInsensitive = "case-insensitive"
        case conflictInEveryArea = "conflict-in-every-area"
        case unknownFieldDropped = "unknown-field-dropped"
        case erasedAccepted = "erased-accepted"
        case secondHandWins = "second-hand-wins"
        case restrictiveLoses = "restrictive-loses"

        /// Written once, before any other thread reads it.
        nonisolated(unsafe) package static var chosen: PlantedBug?

        /// Whether this process has that mistake.
        package static func isChosen(_ bug: PlantedBug) -> Bool { unsafe chosen == bug }
    }
#endif
