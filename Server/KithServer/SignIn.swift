import Cryptography
import Dispatch
import HTTPServing
import SyncCore
import SyncHub

/// Devices that show another token than the one that the office knew them by.
extension SyncService {
    /// Makes a token that a device shows for the first time its only one, before anything else is done for it.
    func takeNextToken(_ tokenHash: [UInt8], _ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) {
        writer.perform(work: exchange.work) { hub in
            try hub.takeNextToken(tokenHash)
        } completion: { outcome in
            self.run(on: lane, exchange) {
                try outcome.get()
                try self.sync(request, on: lane, exchange: exchange)
            }
        }
    }

    /// Answers a device whose token nobody knows: where its ledger shows that this office let it in, the server was
    /// restored from a backup of before that; where it signs with a key that the office knows, it has changed its token since.
    func introduce(
        _ request: HTTPRequest, _ tokenHash: [UInt8], on lane: ServiceLane, exchange: Exchange
    ) throws {
        // Whatever is no introduction is a request of somebody whom nobody knows, readable or not.
        guard request.body.count <= Self.introductionLimitBytes, let message = try? self.message(of: request, on: lane),
            message.isHandingOver
        else {
            writer.noteRefusal(of: nil)
            throw ServiceRefusal(.notAllowed)
        }
        let isProved = try isProved(message, tokenHash, on: lane)
        writer.perform { hub in
            try hub.introduce(tokenHash: tokenHash, message, isProved: isProved)
        } completion: { isKnown in
            self.run(on: lane, exchange) {
                guard try isKnown.get(), let device = try lane.connection.hub.authenticate(tokenHash: tokenHash)
                else { throw ServiceRefusal(.notAllowed) }
                exchange.note(device: device.number)
                self.failedSignIns.forgive(
                    address: request.remoteAddress, secretHash: Self.shown(by: request))
                if device.isRevoked { throw ServiceRefusal(.revoked) }
                let reply = try self.reply(to: message, device: device, acceptance: nil, on: lane, exchange: exchange)
                self.answer(reply.encoded(), on: lane, exchange: exchange)
            }
        }
    }

    /// Whether a request bears a device's signature over the token that it shows.
    private func isProved(_ message: SyncRequest, _ tokenHash: [UInt8], on lane: ServiceLane) throws -> Bool {
        guard let proof = try message.deviceProof(), let office = lane.connection.hub.officeKey else { return false }
        let signed = DeviceProof.signedBytes(device: proof.device, tokenHash: tokenHash, officeKey: office)
        return OfficeKey.verify(proof.signature, over: signed, publicKey: proof.publicKey)
    }
}
