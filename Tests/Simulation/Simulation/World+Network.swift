import SyncCore
import SyncHub
import SyncReplica

/// The way between laptops and office.
extension World {
    /// A message did not come through; whether it reached the other side is not known here.
    struct Cut: Error {}
    /// The office does not know the device.
    struct Unknown: Error {}

    /// The most old requests of a device that may still be on their way.
    private static let lateLimit = 4

    /// A request that has arrived and waits for the next one.
    final class WaitingMessage {
        let message: SimulatedServer.Message
        var isTaken = false
        /// Nil where the server stopped or failed.
        var answer: SimulatedServer.Answer?

        init(_ message: SimulatedServer.Message) { self.message = message }
    }

    /// - Returns: whether it came to its end.
    @discardableResult
    func sync(_ device: SimulatedDevice, isWhole: Bool, isQuiet: Bool = false) throws -> Bool {
        if device.isWiped { return false }
        if device.partitionLeft > 0 {
            device.partitionLeft -= 1
            note(.partition)
            return false
        }
        syncing.insert(device.machine)
        defer { syncing.remove(device.machine) }
        do {
            let summary = try runSession(device, isWhole: isWhole, isQuiet: isQuiet)
            try device.learnNumber()
            narrate?("    synced: sent \(summary.sentCount), received \(summary.receivedCount), held \(summary.held)")
            // A repair would hide what went wrong.
            if !summary.repairs.isEmpty, !isDamaged, !copied.contains(device.family) {
                find("G3: device \(device.number) had to repair \(summary.repairs)")
            }
            if !summary.matches { find("G3: digests of device \(device.number) differ from the server's") }
            if !summary.held.isEmpty { note(.groupHeld) }
            if summary.hasNewIdentity, !copied.contains(device.family) {
                find("G10: device \(device.number) became another one, and nobody had copied it")
            }
            if settings.forgets, let moment = summary.serverMilliseconds { try forgetOld(on: device, at: moment) }
            return true
        } catch is Cut {
            return false
        } catch ReplicaError.otherHistory where isRestored && !isQuiet && settings.waitingPerMille > 0 {
            // The server learnt of one lost history after the other while this sync ran; the next one goes on.
            return false
        } catch is ShutOut {
            if !revoked.contains(device.number) { find("device \(device.number) was refused") }
            try obeyOrder(device, isQuiet: isQuiet)
        } catch {
            if try !recover(device) { find("sync of device \(device.number): \(error)") }
        }
        return false
    }

    /// A process of its own: nothing of it is left where it ends early.
    @inline(never)
    func runSession(_ device: SimulatedDevice, isWhole: Bool, isQuiet: Bool) throws -> SyncSummary {
        let isSmall = !isWhole && dice.below(2) == 0
        let session = SyncSession(
            replica: device.replica, limitCount: isSmall ? dice.roll(1...4) : SyncRequest.largestPageCount,
            pageBytes: isSmall ? dice.roll(60...900) : SyncRequest.largestPageBytes)
        let line = Line(to: device, isQuiet: isQuiet, messagesLeft: messageCount(isWhole: isWhole))
        return try settings.sendsAhead
            ? session.run(transport(on: line)) : session.run { try self.send($0, on: line) }
    }

    /// After how many messages a sync is cut.
    private func messageCount(isWhole: Bool) -> Int { !isWhole && dice.below(4) == 0 ? dice.roll(0...3) : .max }

    /// What one sync goes over.
    final class Line {
        let device: SimulatedDevice
        let isQuiet: Bool
        var messagesLeft: Int
        var hasIntroduced = false
        /// The message that was sent ahead last.
        var ahead: MessageAhead?

        init(to device: SimulatedDevice, isQuiet: Bool, messagesLeft: Int) {
            self.device = device
            self.isQuiet = isQuiet
            self.messagesLeft = messagesLeft
        }
    }

    /// Sends a request and waits for its reply.
    func send(_ request: SyncRequest, on line: Line) throws -> SyncReply {
        guard line.messagesLeft > 0 else {
            note(.syncCut)
            throw Cut()
        }
        line.messagesLeft -= 1
        do {
            return try exchange(request, line.device, isQuiet: line.isQuiet)
        } catch is Unknown {
            // As the shipped client does: a server put back to before it knew this token is shown the ledger, once, and
            // then asked again.
            guard !line.hasIntroduced, let introduction = try line.device.replica.introduction() else {
                throw Unknown()
            }
            line.hasIntroduced = true
            _ = try exchange(introduction, line.device, isQuiet: line.isQuiet)
            return try exchange(request, line.device, isQuiet: line.isQuiet)
        }
    }

    /// One request and its reply, with all that can happen to them.
    ///
    /// - Parameter mayBeShort: whether what the server holds too is left out, in seeds that do so.
    private func exchange(
        _ request: SyncRequest, _ device: SimulatedDevice, isQuiet: Bool, mayBeShort: Bool = true
    ) throws -> SyncReply {
        try device.learnNumber()
        noteGroups(request, device)
        let token = try device.token()
        let short = settings.isShort && mayBeShort ? try request.shortened(SimulatedServer.hash) : nil
        let message = SimulatedServer.Message(bytes: try carry((short ?? request).encoded()), token: token)
        if dice.happens(perMille: isQuiet ? 0 : settings.delayPerMille) {
            device.sent = device.sent.suffix(Self.lateLimit - 1) + [message]
        }
        // Trouble in there would end the process that is syncing too.
        if !isQuiet, device.disk.armed == nil, dice.happens(perMille: settings.meanwhilePerMille) {
            note(.editDuringSync)
            try edit(on: device, fieldCount: 1)
        }
        if !isQuiet, dice.happens(perMille: settings.lossPerMille) {
            note(.requestLost)
            throw Cut()
        }
        var answer = try serve(message, of: device, isQuiet: isQuiet)
        if !isQuiet, dice.happens(perMille: settings.duplicationPerMille) {
            note(.messageDuplicated)
            answer = try serve(message, of: device, isQuiet: true)
        }
        if !isQuiet, dice.happens(perMille: settings.lossPerMille) {
            note(.replyLost)
            throw Cut()
        }
        switch answer {
        case .reply(let encoded):
            let reply = try SyncReply(decoding: try carry(encoded))
            narrate?(
                "    device \(device.number) sends \(request.groups.map(\.number)), is told \(reply.notice), "
                    + "receipt \(reply.receipt), pages \(reply.pages.map { "\($0.area) \($0.isComplete)" })")
            if reply.notice == .none { noteReceipt(reply.receipt, request, device) }
            return reply
        case .revoked(let receipt, let order):
            device.wipeOrder = order
            throw ShutOut(receipt: receipt)
        case .unabridged: return try exchange(request, device, isQuiet: isQuiet, mayBeShort: false)
        case .unknown: throw Unknown()
        case .clockBehind: throw Cut()
        }
    }

    /// Hands a request to the server, alone or with one that waits there; now and then it waits itself, until somebody
    /// else syncs.
    func serve(
        _ message: SimulatedServer.Message, of device: SimulatedDevice, isQuiet: Bool
    ) throws -> SimulatedServer.Answer {
        if let earlier = waiting {
            waiting = nil
            note(.requestsTogether)
            let answers = try serve([earlier.message, message])
            earlier.isTaken = true
            earlier.answer = answers?.first
            guard let answer = answers?.last else { throw Cut() }
            return answer
        }
        if !isQuiet, crowd.happens(perMille: settings.waitingPerMille),
            let other = crowd.pick(devices.filter { !syncing.contains($0.machine) })
        {
            let waits = WaitingMessage(message)
            waiting = waits
            try sync(other, isWhole: false)
            waiting = nil
            if waits.isTaken {
                guard let answer = waits.answer else { throw Cut() }
                return answer
            }
        }
        guard let answer = try serve([message])?.first else { throw Cut() }
        return answer
    }

    /// What the server answers to messages that it takes in one commit; nil where it stops or fails.
    private func serve(_ messages: [SimulatedServer.Message]) throws -> [SimulatedServer.Answer]? {
        for message in messages { trace.add(message.bytes) }
        do {
            let answers = try server.answer(messages)
            for case .reply(let reply) in answers { trace.add(reply) }
            try inOffice { try server.cleanAfterErasure() }
            return answers
        } catch {
            if try !recoverServer() { find("the server failed: \(error)") }
            return nil
        }
    }

    func carry(_ message: [UInt8]) throws -> [UInt8] {
        settings.isCompressed ? try link.carry(message) : message
    }

    /// An old request arrives after all; nobody waits for its reply.
    func deliverLate(from device: SimulatedDevice) throws {
        guard let message = dice.pick(device.sent) else { return }
        note(.messageDelayed)
        _ = try serve([message])
    }

    /// Takes down what groups say; once one has left, it never says anything else. What it was written over may have another
    /// name once the server was restored and a copy has used the numbers.
    func noteGroups(_ request: SyncRequest, _ device: SimulatedDevice) {
        for group in request.groups {
            let encoded = group.encoded()
            let name = NaiveModel.GroupName(device: device.number, number: group.number)
            if let known = device.groups[name] {
                let isErased = !erased.union(unclear).isDisjoint(with: known.told.records)
                let sent = try? ChangeGroup(decoding: known.bytes)
                let isRebased = isRestored && sent?.isSameButForBases(as: group) == true
                if known.bytes != encoded, !isErased, !isRebased {
                    find("group \(group.number) of device \(device.number) changed on its way")
                }
                continue
            }
            for change in group.changes {
                for field in change.fields where place(change.record, field.field) != nil {
                    narrate?(
                        "    \(device.number).\(group.number): \(Ledger.word(field.value)) @\(field.time), base \(field.base)"
                    )
                }
            }
            for change in group.changes {
                guard let existence = change.existence, let record = places[change.record] else { continue }
                let verb = existence.isAlive ? "restores" : "deletes"
                let seen = existence.seen.map { "field \($0.field): \($0.base)" }
                narrate?(
                    "    \(device.number).\(group.number): \(verb) \(record) @\(existence.time), over \(existence.base), \(seen)"
                )
            }
            let words = words(in: group.changes)
            noteGivenUp(group.number, words, request, device)
            narrate?("    group \(group.number): \(words.map { "\($0.word) at \($0.place)" })")
            let told = NaiveModel.Group(
                name: name, device: Int(device.family), words: words,
                records: Set(group.changes.compactMap { places[$0.record] }),
                deleted: Set(group.changes.filter { $0.existence?.isAlive == false }.compactMap { places[$0.record] }),
                decided: group.changes.flatMap { $0.decisions.map { Self.word($0.conflict) } })
            device.groups[name] = SimulatedDevice.Sent(bytes: encoded, told: told)
        }
    }

    /// The device was told that the office has all its groups up to this number.
    func noteReceipt(_ receipt: UInt64, of device: SimulatedDevice) {
        for name in device.groups.keys where name.device == device.number && name.number <= receipt {
            device.groups[name]?.isReceipted = true
        }
    }

    private func noteReceipt(_ receipt: UInt64, _ request: SyncRequest, _ device: SimulatedDevice) {
        for group in request.groups where group.number <= receipt {
            device.groups[NaiveModel.GroupName(device: device.number, number: group.number)]?.isReceipted = true
        }
    }
}

extension ChangeGroup {
    /// Whether two groups say the same at the same times.
    fileprivate func isSameButForBases(as other: ChangeGroup) -> Bool { withoutBases == other.withoutBases }

    private var withoutBases: ChangeGroup {
        var group = self
        for index in changes.indices {
            for field in changes[index].fields.indices { group.changes[index].fields[field].base = .none }
            group.changes[index].existence?.base = .none
            for seen in (changes[index].existence?.seen ?? []).indices {
                group.changes[index].existence?.seen[seen].base = .none
            }
        }
        return group
    }
}
