import Database
import Foundation
import SyncCore
import Testing
@testable import SyncHub

extension HubStoreConformance {
    @Test("people, devices, grants and invitations come back as they were", arguments: StoreKind.allCases)
    func directory(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                try store.addArea(Area(number: 2, name: "main"))
                try store.addArea(Area(number: 3, name: "twin", twinOf: 2))
                #expect(try store.areas().map(\.twinOf) == [nil, 2])
                #expect(try store.role(ofPerson: "Ada") == nil)
                try store.addPerson("Ada", role: .lead)
                #expect(try store.role(ofPerson: "Ada") == .lead)
                var device = DeviceRecord(number: 4, name: "laptop", person: "Ada", role: .lead)
                try store.addDevice(device, tokenHash: [9])
                try store.grant(2, toPerson: "Ada")
                try store.grant(2, toPerson: "Ada")
                try store.setProgress(ofDevice: 4, lastGroup: 8, highestTime: 77)
                try store.setSeen(ofDevice: 4, milliseconds: 99)
                try store.setLedgerCount(12, ofDevice: 4)
                try store.setRevoked(device: 4)
                device.areas = [2]
                (device.lastGroup, device.highestTime, device.seenMilliseconds) = (8, 77, 99)
                device.ledgerCount = 12
                device.isRevoked = true
                #expect(try store.device(4) == device)
                #expect(try store.device(tokenHash: [9]) == device)
                #expect(try store.device(tokenHash: [8]) == nil)
                #expect(try store.devices() == [device])
                #expect(try store.highestTime() == 77)
                try store.revokeGrant(2, fromPerson: "Ada")
                #expect(try store.device(4)?.areas == [])
                var invitation = Invitation(
                    secretHash: [1], person: "Ben", role: .member, areas: [2, 7], expiresMilliseconds: 5)
                try store.addInvitation(invitation)
                #expect(try store.invitation(secretHash: [1]) == invitation)
                try store.setUse(ofInvitation: [1], usedBy: 6, failures: 2)
                (invitation.usedBy, invitation.failures) = (6, 2)
                #expect(try store.invitation(secretHash: [1]) == invitation)
                #expect(try store.invitation(secretHash: [2]) == nil)
                try store.grant(2, toPerson: "Ada")
                try store.rename(device: 4, to: "another")
                try store.rename(person: "Ada", to: "Adele")
                #expect(try store.device(4).map { [$0.name, $0.person] } == ["another", "Adele"])
                #expect(try store.role(ofPerson: "Ada") == nil && store.role(ofPerson: "Adele") == .lead)
                #expect(try store.device(4)?.areas == [2])
            }
        }
    }
}
