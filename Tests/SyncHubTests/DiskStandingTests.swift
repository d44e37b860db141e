import SyncCore
import Testing

@testable import SyncHub

@Suite("What a device says of its disk")
struct DiskStandingTests {
    @Test("G8: what was known of a disk stays known where the device does not know any more", arguments: [1, 2])
    func unknown(disk: Int) throws {
        let clinic = try Clinic()
        _ = try clinic.laptop("Ada", role: .admin)
        _ = try clinic.laptop("Ben", role: .worker)
        let ben = try #require(try clinic.hub.devices().first { $0.person == "Ben" }).number
        func note(_ standing: DeviceStanding) throws -> DeviceStanding? {
            try clinic.store.transaction { try clinic.hub.note(standing, of: ben) }
            return try clinic.hub.standing(of: ben)?.standing
        }
        #expect(try note(DeviceStanding(disk: 0, isWiped: false)) == DeviceStanding(disk: 0, isWiped: false))
        #expect(try note(DeviceStanding(disk: disk, isWiped: false))?.disk == disk)
        try clinic.hub.orderWipe(of: ben)
        #expect(try note(DeviceStanding(disk: 0, isWiped: true)) == DeviceStanding(disk: disk, isWiped: true))
        // What it knows otherwise counts.
        #expect(try note(DeviceStanding(disk: 3 - disk, isWiped: true))?.disk == 3 - disk)
    }
}
