import Foundation
import Testing

@testable import Database

@Suite("Whether a disk is encrypted")
struct DiskEncryptionTests {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent("kith-disk-\(UUID().uuidString)")
        .path

    private func device(_ path: String, uuid: String? = nil) throws -> String {
        let folder = "\(root)/\(path)"
        try FileManager.default.createDirectory(atPath: "\(folder)/slaves", withIntermediateDirectories: true)
        guard let uuid else { return folder }
        try FileManager.default.createDirectory(atPath: "\(folder)/dm", withIntermediateDirectories: true)
        try Data("\(uuid)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/dm/uuid"))
        return folder
    }

    @Test("LUKS is found on the device itself, and below a volume; a plain disk and a missing one are told apart")
    func layers() throws {
        // A folder that was never made is no failure.
        defer { try? FileManager.default.removeItem(atPath: root) }
        #expect(DiskEncryption.of(device: try device("sda1")) == .plain)
        #expect(DiskEncryption.of(device: "\(root)/nothing") == .unknown)
        #expect(DiskEncryption.of(device: try device("dm-0", uuid: "CRYPT-LUKS2-0a1b-root")) == .encrypted)
        let volume = try device("dm-1", uuid: "LVM-abc")
        _ = try device("dm-1/slaves/dm-2", uuid: "CRYPT-LUKS2-0a1b-disk")
        #expect(DiskEncryption.of(device: volume) == .encrypted)
        _ = try device("dm-1/slaves/sdb")
        #expect(DiskEncryption.of(device: volume) == .plain, "a part of it lies in the open")
    }
}
