import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("Areas, roles, invitations")
struct HubAccessTests {
    /// For each role: what a person with the area `main` may do in everyone, main, its twin, and south.
    static let matrix: [(Role, String)] = [
        (.worker, "rp rw -w --"), (.lead, "rp rw rw --"), (.admin, "rw rw rw rw"), (.auditor, "-- -- -- --"),
        (.member, "r- rw -- --"),
    ]

    @Test("G7 a role reads and writes in each area what it may, and nothing else", arguments: matrix)
    func roles(_ role: Role, _ expected: String) throws {
        let areas = [
            Area(number: 1, name: "everyone"), Area(number: 2, name: "main"), Area(number: 3, name: "t", twinOf: 2),
            Area(number: 4, name: "south"),
        ]
        let found = areas.map { area in
            let access = AreaAccess.of(role: role, in: area, grants: [2], tablesInEveryone: [Notebook.page])
            let some = access.writableTables == [Notebook.page]
            return (access.canRead ? "r" : "-") + (access.canWrite ? (some ? "p" : "w") : "-")
        }
        #expect(found.joined(separator: " ") == expected)
    }

    @Test("G7 pages and history hold only areas that the device may read, and a taken area is gone at the next request")
    func areas() throws {
        let office = try Office(tablesInEveryone: [Notebook.page])
        let ada = try office.join("Ada", areas: [Office.main])
        let boss = try office.join("Boss", role: .admin, areas: [])
        for area in [Area.everyone, Office.main, Office.mainRestricted, Office.south] {
            try office.push(make(Notebook.id(UInt64(area)), area: area, [:], at: at(Int64(area))), from: boss)
        }
        #expect(try office.reply(to: ada).pages.map(\.area) == [Area.everyone, Office.main])
        #expect(try office.reply(to: boss).pages.map(\.area) == [1, 2, 3, 4, 5])
        for (area, isReadable) in [(1, true), (2, true), (3, false), (4, false), (77, false)] {
            let history = try office.hub.history(table: Notebook.book, record: Notebook.id(UInt64(area)), for: ada)
            #expect((history != nil) == isReadable)
        }
        let concern = make(Notebook.id(30), area: Office.mainRestricted, [:], at: at(9))
        let place = make(Notebook.id(31), area: Area.everyone, table: Notebook.page, [:], at: at(9))
        #expect(try office.push(concern, place, from: ada).held.isEmpty)
        let version = try office.store.counter(.directoryVersion)
        try office.hub.take(person: "Ada", area: Office.main)
        #expect(try office.store.counter(.directoryVersion) == version + 1)
        #expect(try office.reply(to: ada).pages.map(\.area) == [Area.everyone])
        #expect(
            try office.push(make(Notebook.id(32), [:], at: at(10)), from: ada).held.map(\.reason) == [.areaNotGranted])
    }

    @Test("A laptop knows which of its areas a member has or will have, also one that joined an earlier version")
    func membersAreas() throws {
        let clinic = try Clinic()
        let priya = try clinic.laptop("Priya", role: .worker, areas: [Office.main, Office.south])
        func ofMembers() throws -> [Int] {
            try priya.sync()
            return try #require(try priya.replica.directory()).areas.filter(\.isOfMember).map(\.number)
        }
        #expect(try ofMembers() == [])
        try clinic.hub.invite(
            person: "Max", role: .member, areas: [Office.south], expires: clinic.now + 1_000, secretHash: [7])
        #expect(try ofMembers() == [Office.south])
        _ = try clinic.hub.join(secretHash: [7], deviceName: "tablet", tokenHash: [7])
        #expect(try ofMembers() == [Office.south])
        // As both sides were before they knew of it.
        try priya.replica.database.execute("ALTER TABLE directory_area DROP COLUMN is_of_member")
        try priya.replica.createTables()
        try clinic.store.database.execute("DELETE FROM server WHERE name = 'members_areas_told'")
        try clinic.store.transaction { try clinic.store.createTables() }
        #expect(try ofMembers() == [Office.south])
        let version = try clinic.store.counter(.directoryVersion)
        try clinic.store.transaction { try clinic.store.createTables() }
        #expect(try clinic.store.counter(.directoryVersion) == version)
    }

    @Test("an invitation works once, and not after its end; failures are counted")
    func invitations() throws {
        let office = try Office()
        let version = try office.store.counter(.directoryVersion)
        try office.hub.invite(person: "Ada", role: .worker, areas: [2], expires: office.now + 10, secretHash: [1])
        try office.hub.invite(person: "Ben", role: .worker, areas: [2], expires: office.now, secretHash: [2])
        #expect(throws: HubError.invitationExists) {
            try office.hub.invite(person: "X", role: .lead, areas: [], expires: office.now + 1, secretHash: [1])
        }
        let number = try office.hub.join(secretHash: [1], deviceName: "laptop", tokenHash: [9])
        #expect(number == 1)
        for secret in [[1], [2], [3]] as [[UInt8]] {
            #expect(throws: HubError.invitationRefused) {
                try office.hub.join(secretHash: secret, deviceName: "laptop", tokenHash: [8])
            }
        }
        #expect(try office.store.invitation(secretHash: [1])?.failures == 1)
        #expect(try office.store.invitation(secretHash: [2])?.failures == 1)
        #expect(try office.store.counter(.joinFailures) == 1)
        #expect(try [[1], [2], [3]].map { try office.hub.countsAttempts(secretHash: $0) } == [true, true, false])
        for _ in 2...Hub.largestInvitationFailures {
            #expect(throws: HubError.invitationRefused) {
                try office.hub.join(secretHash: [2], deviceName: "laptop", tokenHash: [8])
            }
        }
        #expect(try office.hub.countsAttempts(secretHash: [2]) == false, "void: its attempts need no line each")
        #expect(try office.store.counter(.directoryVersion) == version + 3)
        let device = try #require(try office.hub.authenticate(tokenHash: [9]))
        #expect(device.person == "Ada" && device.role == .worker && device.areas == [2] && !device.isRevoked)
        #expect(try office.hub.authenticate(tokenHash: [8]) == nil)
        try office.hub.revoke(1)
        #expect(try office.hub.authenticate(tokenHash: [9])?.isRevoked == true)
        #expect(try office.hub.statistics().devices == 0)
    }

    @Test(
        "G8: an invitation does not outlive the revocation of its person's device, nor bring back an area that was taken"
    )
    func staleInvitations() throws {
        let office = try Office()
        let first = try office.join("Ada", areas: [Office.main, Office.south])
        for secret in [[1], [2]] as [[UInt8]] {
            try office.hub.invite(
                person: "Ada", role: .worker, areas: [Office.main, Office.south], expires: office.now + 10,
                secretHash: secret)
        }
        try office.hub.take(person: "Ada", area: Office.south)
        let second = try office.hub.join(secretHash: [1], deviceName: "phone", tokenHash: [8])
        #expect(try office.hub.devices().first { $0.number == second }?.areas == [Office.main])
        try office.hub.revoke(second, keepsInvitations: true)
        try office.hub.revoke(first)
        #expect(throws: HubError.invitationRefused) {
            try office.hub.join(secretHash: [2], deviceName: "phone", tokenHash: [9])
        }
    }

    @Test("G8: an invitation that was taken back lets nobody in, and the last admin's stays")
    func cancelled() throws {
        let office = try Office()
        try office.hub.invite(person: "Ada", role: .admin, areas: [2], expires: .max, secretHash: [1])
        _ = try office.hub.join(secretHash: [1], deviceName: "laptop", tokenHash: [1])
        try office.hub.invite(person: "Wrong Address", role: .lead, areas: [2], expires: .max, secretHash: [2])
        #expect(try office.hub.openInvitations().map(\.person) == ["Wrong Address"])
        #expect(try office.hub.cancelInvitations(ofPerson: "Wrong Address") == 1)
        #expect(
            try office.hub.cancelInvitations(ofPerson: "Wrong Address") == 0 && office.hub.openInvitations().isEmpty)
        #expect(throws: HubError.invitationRefused) {
            try office.hub.join(secretHash: [2], deviceName: "laptop", tokenHash: [2])
        }
        // Shut out because another admin was invited, who is the only way in then.
        try office.hub.invite(person: "Ines", role: .admin, areas: [2], expires: .max, secretHash: [3])
        try office.hub.revoke(office.hub.devices().last?.number ?? 0)
        #expect(throws: HubError.lastAdmin) { try office.hub.cancelInvitations(ofPerson: "Ines") }
        _ = try office.hub.join(secretHash: [3], deviceName: "laptop", tokenHash: [3])
    }

    @Test("G8: identities that copies of a device asked for are shut out with it, and wiped with it")
    func copies() throws {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada"), try office.join("Ben"))
        let copy = try copy(of: ada, [40], in: office)
        let second = try self.copy(of: copy, [41], in: office)
        #expect(try office.hub.copies(of: ada) == [copy, second])
        #expect(try office.hub.copies(of: ben) == [])
        try office.hub.revoke(ben)
        #expect(try office.hub.authenticate(tokenHash: [40])?.isRevoked == false)
        #expect(try office.hub.revoke(ada) == [ada, copy, second])
        #expect(try office.hub.devices().filter { !$0.isRevoked }.map(\.number) == [DeviceRecord.office])
    }

    private func copy(of device: UInt32, _ token: [UInt8], in office: Office) throws -> UInt32 {
        try office.store.transaction {
            try office.hub.identity(of: office.hub.knownDevice(device), tokenHash: token)
        }
    }

    @Test("the last admin stays, until another is invited; the same one with another laptop, where that is said")
    func lastAdmin() throws {
        let office = try Office()
        let boss = try office.join("Boss", role: .admin)
        let ada = try office.join("Ada")
        #expect(throws: HubError.lastAdmin) { try office.hub.revoke(boss) }
        #expect(throws: HubError.lastAdmin) { try office.hub.orderWipe(of: boss) }
        try office.hub.invite(person: "Boss", role: .admin, areas: [], expires: office.now + 10, secretHash: [1])
        #expect(throws: HubError.lastAdmin) { try office.hub.revoke(boss) }
        try office.hub.revoke(ada)
        #expect(try office.hub.devices().first { $0.number == boss }?.isRevoked == false)
        try office.hub.revoke(boss, keepsInvitations: true)
        let second = try office.hub.join(secretHash: [1], deviceName: "new", tokenHash: [9])
        #expect(throws: HubError.lastAdmin) { try office.hub.revoke(second) }
        let third = try office.join("Ines", role: .admin)
        #expect(try office.hub.revoke(second) == [second])
        #expect(throws: HubError.lastAdmin) { try office.hub.revoke(third) }
    }

    @Test("a second device of a person shares role and areas; another role is refused")
    func secondDevice() throws {
        let office = try Office()
        let first = try office.join("Ada", role: .worker, areas: [2])
        try office.hub.invite(person: "Ada", role: .worker, areas: [4], expires: office.now + 10, secretHash: [1])
        let second = try office.hub.join(secretHash: [1], deviceName: "phone", tokenHash: [9])
        let devices = try office.hub.devices()
        #expect(devices.map(\.number) == [0, first, second])
        #expect(devices.map(\.areas) == [[], [2, 4], [2, 4]])
        #expect(throws: HubError.personHasOtherRole) {
            try office.hub.invite(person: "Ada", role: .lead, areas: [], expires: 1, secretHash: [5])
        }
    }

    @Test("areas come with a twin, and what does not exist is refused without a trace")
    func areaErrors() throws {
        let office = try Office()
        _ = try office.join("Ada")
        _ = try office.join("Boss", role: .admin)
        let version = try office.store.counter(.directoryVersion)
        #expect(throws: HubError.areaExists) { try office.hub.addArea("main") }
        #expect(throws: HubError.areaUnknown(50)) { try office.hub.give(person: "Ada", area: 50) }
        #expect(throws: HubError.areaIsTwin(3)) { try office.hub.give(person: "Ada", area: 3) }
        #expect(throws: HubError.personUnknown) { try office.hub.give(person: "Nobody", area: 2) }
        #expect(throws: HubError.adminKeepsAreas) { try office.hub.take(person: "Boss", area: 2) }
        #expect(throws: HubError.deviceUnknown(50)) { try office.hub.revoke(50) }
        #expect(try office.store.counter(.directoryVersion) == version)
        let number = try office.hub.addArea("north")
        #expect(
            try office.hub.areas().suffix(2) == [
                Area(number: number, name: "north"),
                Area(number: number + 1, name: "north (restricted)", twinOf: number),
            ])
    }

    @Test("where making a server fails, there is none, and it can be made again")
    func failedCreation() throws {
        let store = SQLiteHubStore(database: try Notebook.database(), schema: Notebook.schema)
        #expect(throws: HubError.areaExists) { try Hub.create(in: store, areas: ["main", "main"], random: { 1 }) }
        #expect(try store.epoch() == nil)
        try Hub.create(in: store, areas: ["main"], random: { 1 })
        #expect(try store.epoch() != nil)
    }

    @Test("a store holds one server, and a hub needs one")
    func creation() throws {
        let office = try Office()
        #expect(throws: HubError.alreadyCreated) { try Hub.create(in: office.store, areas: [], random: { 1 }) }
        #expect(try office.hub.epoch.count == Hub.epochLength)
        let empty = SQLiteHubStore(database: try Notebook.database(), schema: Notebook.schema)
        #expect(throws: HubError.notCreated) {
            try Hub(store: empty, schema: Notebook.schema, hash: Notebook.hash, clock: { 0 }, random: { 0 })
        }
    }

    @Test("touching a device keeps when it was heard of")
    func touch() throws {
        let office = try Office()
        let ada = try office.join("Ada")
        try office.store.transaction { try office.hub.touch(ada, at: 55) }
        #expect(try office.hub.devices().last?.seenMilliseconds == 55)
    }
}
