import Foundation
import SyncCore

/// Requests that no laptop would send, with whatever token, straight to an office's server.
struct Wire {
    /// What the server answered.
    struct Answer: Equatable {
        let status: Int
        let body: [UInt8]
    }

    let office: Office
    /// The token as it stands in the header; nil: none is shown.
    let token: String?

    init(_ office: Office, token: String?) {
        self.office = office
        self.token = token
    }

    /// With the token of a laptop, as somebody has it who copied its disk.
    init(_ office: Office, as laptop: Laptop) throws {
        self.init(office, token: try Wire.token(of: laptop))
    }

    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")

    /// A laptop's token in the form of its header.
    static func token(of laptop: Laptop) throws -> String {
        let digits = try SQLiteShell.run(
            laptop.database, "SELECT lower(hex(value)) FROM laptop_setting WHERE name = 'token'"
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        guard digits.count == 64 else { throw HarnessFailure("No token: \(digits)") }
        let bytes = Data(stride(from: 0, to: 64, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) })
        return bytes.base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// Sends a body; the answer's status stands behind its body.
    func send(_ body: [UInt8] = [], to path: String, method: String = "POST", headers: [String] = []) throws -> Answer {
        let outcome = try start(body, to: path, method: method, headers: headers).finish()
        let bytes = Array(outcome.outputBytes)
        guard let status = Int(String(decoding: bytes.suffix(3), as: UTF8.self)) else {
            throw HarnessFailure("No status: \(outcome)")
        }
        return Answer(status: status, body: bytes.dropLast(3))
    }

    /// Sends a body and does not wait for the answer.
    func start(_ body: [UInt8], to path: String, method: String = "POST", headers: [String] = []) throws -> Child {
        var words = [
            "-sk", "--max-time", "30", "-X", method, "-w", "%{http_code}", "--data-binary", "@-", "-H", "Expect:",
            "https://\(office.address)\(path)",
        ]
        let shown = token.map { ["Authorization: Bearer \($0)"] } ?? []
        for header in ["Content-Type: application/cbor"] + shown + headers { words += ["-H", header] }
        return try Child("/usr/bin/curl", words, input: .bytes(Data(body)))
    }

    /// Asks for everything, and brings some groups.
    func sync(_ groups: [ChangeGroup] = []) throws -> Answer {
        try send(
            SyncRequest(
                schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
                cursors: [], groups: groups
            ).encoded(), to: "/v1/sync")
    }

    /// Asks for all versions of a record.
    func history(_ record: RecordReference) throws -> Answer {
        let request = HistoryRequest(table: record.table, record: record.id)
        return try send(request.encoded(), to: "/v1/history")
    }

    /// Asks when all versions of a record came.
    func arrivals(_ record: RecordReference) throws -> Answer {
        let request = HistoryRequest(table: record.table, record: record.id)
        return try send(request.encoded(), to: "/v1/arrivals")
    }

    /// Milliseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
