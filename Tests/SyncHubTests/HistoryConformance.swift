import SyncCore
import Testing

@testable import SyncHub

@Suite("What every store keeps of a server's histories")
struct HistoryConformance {
    @Test(
        "former histories, and who has shown what was lost, are known until they are forgotten",
        arguments: StoreKind.allCases)
    func formerHistories(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                let (own, lost) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
                try store.addFormerEpoch(own, isLost: false)
                for isLost in [true, false] { try store.addFormerEpoch(lost, isLost: isLost) }
                #expect(try store.isFormerEpoch(own) && store.isFormerEpoch(lost) && !store.isFormerEpoch([3]))
                #expect(try store.isOwnFormerEpoch(own) && !store.isOwnFormerEpoch(lost), "the first word counts")
                #expect(try store.formerEpochs().sorted { $0[0] < $1[0] } == [own, lost])
                for device in [1, 2, 2] as [UInt32] { try store.addHealingProof(device) }
                try store.removeHealingProof(1)
                #expect(try !store.hasHealingProof(1) && store.hasHealingProof(2))
                try store.removeHealingProofs()
                #expect(try !store.hasHealingProof(2))
                for device in [1, 2, 2] as [UInt32] { try store.addHandoverStep(device) }
                #expect(try [0, 1, 2].map { try store.handoverSteps($0) } == [0, 1, 2])
                try store.removeHandoverSteps()
                #expect(try store.handoverSteps(2) == 0)
            }
        }
    }
}
