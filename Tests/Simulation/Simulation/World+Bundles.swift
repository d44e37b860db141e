import SyncCore
import SyncHub
import SyncReplica

/// Files that are on their way by other means than a network.
struct Post {
    /// The most files that nobody has thrown away, each way.
    private static let largestCount = 6

    private(set) var toOffice: [DeviceBundle] = []
    private(set) var toDevices: [OfficeBundle] = []

    mutating func add(_ bundle: DeviceBundle) { toOffice = toOffice.suffix(Self.largestCount - 1) + [bundle] }

    mutating func add(_ bundle: OfficeBundle) { toDevices = toDevices.suffix(Self.largestCount - 1) + [bundle] }
}

/// Work that reaches the office as a file, and its answers: any number of times, in any order, or never.
extension World {
    private static let answerBytes = 1 << 20
    /// Nobody checks it here: nothing in a run changes a file.
    private static let signature = [UInt8](repeating: 0, count: 64)

    /// Everything that waits goes into a file, and stays.
    ///
    /// - Returns: nil where the laptop's disk did not take it.
    func writeBundle(on device: SimulatedDevice) throws -> DeviceBundle? {
        do {
            try device.learnNumber()
            let request = try Self.bundleRequest(of: device, limitBytes: dice.below(3) == 0 ? 400 : Self.answerBytes)
            noteGroups(request, device)
            narrate?("    a file of device \(device.number) with groups \(request.groups.map(\.number))")
            note(.bundleWritten)
            let bundle = DeviceBundle(
                device: device.number, made: device.clock, request: request.encoded(), signature: Self.signature)
            post.add(bundle)
            device.files.insert(SimulatedServer.mark(of: bundle))
            return bundle
        } catch {
            if try !recover(device) { find("device \(device.number) could not write a file: \(error)") }
            return nil
        }
    }

    /// Somebody who has a record edits it, and what they have to say goes into a file; nil where nobody can.
    ///
    /// - Parameter first: the laptop that is asked first.
    func writeBundle(about item: Item, notBefore first: SimulatedDevice) throws -> DeviceBundle? {
        for device in [first] + devices where try writableAreas(of: device).contains(item.area) {
            guard let fields = device.schema.table(item.table)?.fields, let field = dice.pick(fields),
                try device.replica.record(table: item.table, id: item.id)?.isLiving == true
            else { continue }
            let values = [(field.number, newValue(of: field, in: item, by: device))]
            try save(on: device, [item]) { replica in
                replica.command = "edit"
                try replica.write { try $0.edit(table: item.table, record: item.id, values: values) }
            }
            return try writeBundle(on: device)
        }
        return nil
    }

    /// A process of its own: nothing of it is left where it ends early.
    @inline(never)
    private static func bundleRequest(of device: SimulatedDevice, limitBytes: Int) throws -> SyncRequest {
        try device.replica.bundleRequest(limitBytes: limitBytes)
    }

    /// Somebody brings a file to the office, perhaps not for the first time.
    func handInBundle() throws {
        if let bundle = dice.pick(post.toOffice) { try handIn(bundle) }
    }

    func handIn(_ bundle: DeviceBundle) throws {
        let bytes = bundle.encoded()
        trace.add(bytes)
        do {
            let outcome = try server.handIn(try DeviceBundle(decoding: bytes))
            narrate?("    the file of device \(bundle.device): \(outcome)")
            note(outcome == .waiting ? .bundleWaits : .bundleHandedIn)
        } catch HubError.deviceUnknown {
            // Put back to before it knew the device: it can't check whose the file is, and takes nothing.
            return
        } catch {
            guard try recoverServer() else { return find("the office could not take a file: \(error)") }
        }
        try inOffice {
            try server.cleanAfterErasure()
            try answer(to: bundle.device)
            try lookForErased(broughtBy: bundle)
        }
    }

    /// A file may have been on its way since before an erasure: nothing of it comes back with it.
    private func lookForErased(broughtBy bundle: DeviceBundle) throws {
        let changes = try SimulatedServer.request(of: bundle).groups.flatMap(\.changes)
        let gone = Set(changes.compactMap { places[$0.record] }).intersection(erased)
        if gone.isEmpty { return }
        note(.bundleErased)
        for index in gone.sorted() where try server.hub.record(table: items[index].table, id: items[index].id) != nil {
            find("G9: a sealed file brought record \(index) back")
        }
    }

    /// Whoever brought a file takes along what its device would be told.
    private func answer(to number: UInt32) throws {
        guard let (cursors, replies) = try server.hub.bundleReplies(for: number, limitBytes: Self.answerBytes) else {
            return
        }
        post.add(
            OfficeBundle(
                device: number, made: now, cursors: cursors, replies: replies.map { $0.encoded() },
                signature: Self.signature))
    }

    /// An answer comes to the device that it is for, or to a copy of it.
    func readAnswer() throws {
        guard let answer = dice.pick(post.toDevices),
            let device = dice.pick(devices.filter { $0.number == answer.device && !$0.isWiped })
        else { return }
        let bytes = answer.encoded()
        trace.add(bytes)
        do {
            let bundle = try OfficeBundle(decoding: bytes)
            let replies = try bundle.replies.map { try SyncReply(decoding: $0) }
            guard let summary = try Self.apply(replies, from: bundle.cursors, on: device) else { return }
            narrate?("    answer read: receipts \(replies.map(\.receipt)), received \(summary.receivedCount)")
            note(.answerRead)
            // It may be older than an erasure of which the laptop has heard: the next sync mends that.
            if !summary.matches, erased.isEmpty, unclear.isEmpty {
                find("G3: digests of device \(device.number) differ from those in an answer")
            }
            // Of copies it is not known whose groups the office has.
            for reply in replies where reply.notice == .none && !copied.contains(device.family) {
                noteReceipt(reply.receipt, of: device)
            }
        } catch ReplicaError.otherHistory, ReplicaError.forked {
            // Nothing was changed: it tells of another history, or of another copy's work.
            return
        } catch {
            guard try recover(device) else { return find("device \(device.number) could not read an answer: \(error)") }
        }
    }

    /// A process of its own: nothing of it is left where it ends early.
    @inline(never)
    private static func apply(
        _ replies: [SyncReply], from cursors: [Cursor], on device: SimulatedDevice
    ) throws -> SyncSummary? {
        let files = device.files
        guard
            case .applied(let summary) = try device.replica.apply(
                bundle: replies, from: cursors, isOwnFile: { files.contains($0) })
        else { return nil }
        return summary
    }
}
