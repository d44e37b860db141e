import SyncCore
import SyncHub
import SyncReplica

/// One office with its laptops, the work that is done on them, and what goes wrong.
final class World {
    /// A record that somebody made.
    struct Item: Equatable {
        let table: Int
        let id: RecordID
        let area: Int
    }

    /// The true time at the start, in milliseconds since 1970.
    static let start: Int64 = 1_700_000_000_000

    let settings: Settings
    let dice: Dice
    /// For what some runs have alone, so that others go on as before.
    let crowd = Dice(0)
    let server: SimulatedServer
    let link: MessageLink
    var devices: [SimulatedDevice] = []
    /// Laptops, by machine, on which a sync runs.
    var syncing: Set<UInt32> = []
    var waiting: WaitingMessage?
    /// The numbers of devices that were revoked.
    var revoked: Set<UInt32> = []
    var post = Post()
    /// The copy of a laptop that somebody made last.
    var laptopCopy: LaptopCopy?
    /// How often a copy of a laptop was used, by families.
    var copyCounts: [UInt32: Int] = [:]
    /// What was undone before it was sent, by families of laptops: another copy may send it, and who writes after the undo
    /// has had it before them.
    var takenBack: [UInt32: [NaiveModel.Place: Set<Int>]] = [:]
    /// Laptops that were put back to an older copy.
    var putBack: Set<Int> = []
    var model: NaiveModel
    var trace = Trace()
    var faults: Set<Fault> = []
    /// What is wrong; the run ends with the first.
    var findings: [String] = []
    var items: [Item] = []
    var places: [RecordID: Int] = [:]
    /// Groups that laptops sent before they were put back to an older copy.
    var groupsBefore: [NaiveModel.Group] = []
    /// Takes what happens, in words; only a replay wants to know.
    var narrate: ((String) -> Void)?
    /// Groups that the office discarded, and those that their authors took back or sent again, by device.
    var dropped: [UInt32: Set<UInt64>] = [:]
    var uncertain: [UInt32: Set<UInt64>] = [:]
    /// By laptop, the words of work that was taken back on it: it may get other numbers before it is sent.
    var givenUp: [UInt32: [NaiveModel.Place: Set<String>]] = [:]
    /// Groups that were held when the server's disk failed while some were discarded.
    var attempted: [QuarantinedGroup] = []
    /// Records that were erased.
    var erased: Set<Int> = []
    var hasBackup = false
    var isRestored = false
    var hasBeenAway = false
    /// Records that were erased when the server was copied, and those whose erasure a restore may have undone.
    var erasedBeforeBackup: Set<Int> = []
    var unclear: Set<Int> = []
    /// Devices from which an area was taken.
    var bereft: Set<Int> = []
    var isDamaged = false
    let stage: Stage
    /// The operation in hand, for values that nobody else writes.
    var operation = 0
    var valueCount = 0
    let time: Time

    final class Time {
        var now = World.start
        /// What the server's clock shows less the true time.
        var serverError: Int64 = 0
        /// The latest that the server's clock has shown.
        private(set) var latestOfServer = World.start

        func serverNow() -> Int64 {
            latestOfServer = max(latestOfServer, now + serverError)
            return now + serverError
        }
    }

    var now: Int64 {
        get { time.now }
        set { time.now = newValue }
    }

    init(_ settings: Settings, on stage: Stage) throws {
        self.settings = settings
        let dice = Dice(Dice.mix(settings.seed))
        self.dice = dice
        let time = Time()
        self.time = time
        link = stage.link
        self.stage = stage
        model = NaiveModel(empty: Ledger.word(.null)) { place, word in
            guard place.field == Ledger.sealed, word.hasPrefix("i"), let number = Int(word.dropFirst()),
                number < Ledger.freeFrom
            else { return nil }
            return number
        }
        let isNew = !settings.isMixed || dice.happens(perMille: 600)
        if settings.isMixed { faults.insert(.oldProgram) }
        server = try stage.makeServer(
            schema: isNew ? Ledger.new : Ledger.old, keys: settings.isSigned ? stage.keys : .pretended,
            clock: { time.serverNow() }, dice: dice)
        server.stretchCount = settings.stretchCount
        for index in 0..<settings.deviceCount { try join(index) }
        if let error = settings.serverClockError { setServerClock(error: error, as: .serverClockOff) }
    }

    private func join(_ index: Int) throws {
        // The first one is an admin, so that there is always somebody who decides and who reads everything.
        let roles: [Role] = [.admin, .worker, .worker, .lead, .worker, .admin, .member, .lead]
        let role = index == 0 ? .admin : roles[(index + dice.below(3)) % roles.count]
        let areas: Set<Int> = dice.happens(perMille: 300) ? [Ledger.main, Ledger.south] : [Ledger.main]
        let number = UInt32(index + 1)
        let token = SimulatedServer.token(number)
        try server.hub.invite(
            person: "person \(number)", role: role, areas: areas, expires: .max, secretHash: token)
        let given = try server.hub.join(secretHash: token, deviceName: "laptop \(number)", tokenHash: token)
        precondition(given == number, "devices are numbered as they join")
        let isNew = !settings.isMixed || dice.happens(perMille: 500)
        let device = try makeDevice(
            number, family: number, role: role, schema: isNew ? Ledger.new : Ledger.old)
        var reply = JoinReply(
            device: number, token: token, epoch: try server.hub.epoch, directory: try server.hub.directory(for: number))
        if let key = server.hub.officeKey { reply.setOfficeKey(key) }
        try device.replica.install(reply)
        devices.append(device)
    }

    /// Does operations one after the other, until something is wrong, then lets everything come to rest and looks.
    func run(_ operations: [Operation]) throws {
        for operation in operations {
            self.operation = operation.index
            valueCount = 0
            dice.reseed(operation.dice)
            crowd.reseed(Dice.mix(operation.dice ^ 0xC0_77D5))
            // Now and then several people do something in the same millisecond.
            now += dice.below(4) == 0 ? 0 : Int64(dice.roll(1...50_000))
            trace.add(UInt64(operation.index))
            do {
                try perform(operation.kind)
            } catch {
                // A machine that stopped while nobody looked is noticed when somebody next reads.
                var isTrouble = try recoverServer()
                for device in devices where try recover(device) { isTrouble = true }
                if !isTrouble { throw error }
            }
            if !findings.isEmpty { return }
        }
        operation = settings.operationCount
        dice.reseed(Dice.mix(settings.seed ^ 0xE57))
        try comeToRest()
    }

    /// Starts the program on a laptop that has no files yet.
    func makeDevice(_ machine: UInt32, family: UInt32, role: Role, schema: Schema) throws -> SimulatedDevice {
        let time = time
        return try stage.makeDevice(
            machine, family: family, role: role, schema: schema, keys: settings.isSigned ? stage.keys : .pretended,
            office: { time.now }, dice: dice)
    }

    /// Notes what is wrong.
    func find(_ text: String) { findings.append(text) }

    /// Notes that a fault happened.
    func note(_ fault: Fault) {
        narrate?("    \(fault.rawValue)")
        faults.insert(fault)
    }

    func place(_ id: RecordID, _ field: Int) -> NaiveModel.Place? {
        places[id].map { NaiveModel.Place(record: $0, field: field) }
    }

    func setServerClock(error: Int64, as fault: Fault) {
        time.serverError = error
        note(fault)
    }

    // MARK: Trouble

    /// Whether an error comes from the device's disk; if so, the device is started again.
    func recover(_ device: SimulatedDevice) throws -> Bool {
        let trouble = device.disk.armed
        guard device.disk.disarm(), let trouble else { return false }
        switch trouble {
        case .full: note(.deviceDiskFull)
        case .error: note(.deviceDiskError)
        case .stop:
            note(.deviceStopped)
            device.disk.losePower(dice)
        }
        try device.restart()
        return true
    }

    /// Whether an error comes from the server's disk; where the machine stopped, it is started again.
    func recoverServer() throws -> Bool {
        let trouble = server.disk.armed
        guard server.disk.disarm(), let trouble else { return false }
        switch trouble {
        case .full: note(.serverDiskFull)
        case .error: note(.serverDiskError)
        case .stop:
            note(.serverStopped)
            server.disk.losePower(dice)
            try server.restart()
        }
        return true
    }

    /// Does something on the server itself, as a command of the office does.
    func inOffice(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            if try !recoverServer() { find("the office's command failed: \(error)") }
        }
    }
}
