import SyncCore

/// The own changes of one record, while some that never left the device are taken out of them. Pure.
struct UnsentWork {
    /// A version that is gone from the changes.
    struct Version {
        let group: Int64
        let state: FieldState
        /// What its writer had seen.
        let base: Base
    }

    let work: RecordWork
    /// The changes as they are now; one that says nothing any more is still among them.
    private(set) var links: [RecordWork.Link]
    private(set) var removed: [Version] = []
    /// What was taken away; 0 is existence.
    private(set) var taken = FieldMask()
    /// Whether every word was taken away.
    private(set) var isWordless = false
    /// Nil for a new record.
    private let acknowledged: RecordState?
    private let overlay: RecordOverlay
    /// Groups up to this one may have left the device.
    private let frozen: Int64

    /// - Returns: nil where nothing can be taken away: all of it may have left, or the row does not show just what the
    ///   server has with the own changes over it.
    init?(_ work: RecordWork, overlay: RecordOverlay, frozen: Int64) {
        guard let acknowledged = work.acknowledged, let newest = work.links.last?.entry.group, newest > frozen,
            // A creation whose values stand in the row alone would change with it.
            work.links.allSatisfy({ !$0.entry.detail.isEmpty })
        else { return nil }
        self.work = work
        self.acknowledged = acknowledged
        self.overlay = overlay
        self.frozen = frozen
        links = work.links
        guard view.shows(work.view) else { return nil }
    }

    /// A record of which no word has left the device: a new one, or one that the server has as a deleted one without a word.
    ///
    /// - Returns: nil where the server knows more of it, or something of it may have left.
    init?(unheard work: RecordWork, overlay: RecordOverlay, frozen: Int64) {
        let isEmpty = work.acknowledged.map { state in
            !state.isLiving && state.fields.allSatisfy { $0.value == .null }
        }
        guard isEmpty ?? (work.links.first?.change.creation != nil),
            work.links.allSatisfy({ $0.entry.group > frozen && $0.covered.isEmpty && $0.change.decisions.isEmpty })
        else { return nil }
        self.work = work
        acknowledged = work.acknowledged
        self.overlay = overlay
        self.frozen = frozen
        links = work.links
        guard view.shows(work.view) else { return nil }
    }

    /// The record as what is left of the changes makes it.
    var view: RecordState {
        var view: RecordState? = acknowledged
        for link in links { overlay.apply(link.change, except: link.covered, to: &view) }
        return view ?? work.view
    }

    /// Takes every word away, deletes and restores too, so that nothing but the making of the record is left.
    mutating func takeWords() {
        isWordless = true
        for index in links.indices {
            let group = links[index].entry.group
            for field in links[index].change.fields {
                let state = FieldState(number: field.field, value: field.value, stamp: stamp(field.time))
                removed.append(Version(group: group, state: state, base: field.base))
                taken.insert(field.field)
            }
            links[index].change.fields = []
            links[index].change.existence = nil
        }
    }

    /// Takes the newest own version of a field away, where below it lies the one that the step had found.
    ///
    /// - Parameters:
    ///   - value: what the field is to read again.
    ///   - found: the stamp of the version that the step had written over; nil where it is not known.
    mutating func take(_ field: Int, back value: Value, over found: Stamp?) {
        let carriers = links.indices.filter { index in links[index].change.fields.contains { $0.field == field } }
        guard let last = top(of: carriers),
            let index = links[last].change.fields.firstIndex(where: { $0.field == field })
        else { return }
        let change = links[last].change.fields[index]
        let below = carriers.dropLast().last.flatMap { written(field, in: links[$0].change) }
        guard let version = below ?? acknowledged?.field(field), version.value == value, version.stamp == found,
            overlay.matches(change.base, version.stamp)
        else { return }
        let group = links[last].entry.group
        let isNamed = links[last...].contains { link in
            link.change.existence?.seen.contains { $0.base == .own(number: UInt64(clamping: group), time: change.time) }
                ?? false
        }
        guard !isNamed else { return }
        links[last].change.fields.remove(at: index)
        let state = FieldState(number: field, value: change.value, stamp: stamp(change.time))
        removed.append(Version(group: group, state: state, base: change.base))
        taken.insert(field)
    }

    /// Takes the newest own change away as a whole, which settles conflicts or opens them again; where it lies over just what the
    /// step had found.
    ///
    /// - Parameters:
    ///   - verdicts: what it says of conflicts.
    ///   - step: the change as the log has it.
    /// - Returns: whether that was done.
    mutating func takeDecision(_ step: OperationChange) -> Bool {
        guard let last = links.last, let index = links.indices.last, last.entry.group > frozen, last.covered.isEmpty,
            last.change.creation == nil,
            last.change.decisions.map(\.conflict) == step.verdicts.map(\.conflict),
            last.change.decisions.map(\.action) == step.verdicts.map(\.action),
            // Without a value it may be another decision in the same words.
            !step.found.isEmpty || last.change.decisions.map(\.time) == step.verdicts.map(\.time)
        else { return false }
        var below = self
        below.links.removeLast()
        let earlier = below.view
        for field in last.change.fields {
            let version = earlier.field(field.field)
            let found = step.found[field.field]
            guard overlay.matches(field.base, version.stamp), found == nil || found == version.stamp else {
                return false
            }
        }
        if let existence = last.change.existence {
            let stamp = earlier.existence?.stamp
            let isOver = stamp.map { overlay.matches(existence.base, $0) } ?? (existence.base == .none)
            guard isOver, step.found[Field.existence].map({ $0 == stamp ?? earlier.created }) ?? true else {
                return false
            }
            taken.insert(Field.existence)
        }
        for field in last.change.fields {
            let state = FieldState(number: field.field, value: field.value, stamp: stamp(field.time))
            removed.append(Version(group: last.entry.group, state: state, base: field.base))
            taken.insert(field.field)
        }
        links[index].change.fields = []
        links[index].change.existence = nil
        links[index].change.decisions = []
        return true
    }

    /// Takes the newest own deletion or restoring away, where below it lies what the step had found.
    ///
    /// - Parameter found: as for fields; a record that was never deleted has its creation there.
    mutating func takeExistence(over found: Stamp?) {
        let carriers = links.indices.filter { links[$0].change.existence != nil }
        guard let last = top(of: carriers), let existence = links[last].change.existence else { return }
        let below = carriers.dropLast().last.flatMap { links[$0].change.existence }.map { stamp($0.time) }
        let version = below ?? acknowledged?.existence?.stamp
        let isOver = version.map { overlay.matches(existence.base, $0) } ?? (existence.base == .none)
        guard isOver, found == version ?? acknowledged?.created else { return }
        links[last].change.existence = nil
        taken.insert(Field.existence)
    }

    /// The newest of the changes that say something of a field, where none of these can have left the device.
    ///
    /// With what is decided about a conflict the value travels too, also where it stays.
    private func top(of carriers: [Int]) -> Int? {
        guard let last = carriers.last,
            carriers.allSatisfy({ links[$0].entry.group > frozen && links[$0].covered.isEmpty })
        else { return nil }
        return links[last].change.creation == nil && links[last].change.decisions.isEmpty ? last : nil
    }

    private func written(_ field: Int, in change: Change) -> FieldState? {
        change.fields.first { $0.field == field }.map {
            FieldState(number: field, value: $0.value, stamp: stamp($0.time))
        }
    }

    private func stamp(_ time: UInt64) -> Stamp { Stamp(time: time, device: overlay.device) }
}

extension Change {
    /// Whether it says nothing.
    var isEmpty: Bool { creation == nil && fields.isEmpty && existence == nil && decisions.isEmpty }
}

extension RecordState {
    /// Whether another state has the same versions of everything.
    fileprivate func shows(_ other: RecordState) -> Bool {
        guard created == other.created, area == other.area, isLiving == other.isLiving,
            existence?.stamp == other.existence?.stamp
        else { return false }
        return (fields + other.fields).allSatisfy { field in
            let (own, theirs) = (self.field(field.number), other.field(field.number))
            return own.value == theirs.value && own.stamp == theirs.stamp
        }
    }
}
