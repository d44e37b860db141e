import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server erase status`: each order, and how far each device has come with it.
enum EraseStatus {
    /// One device's standing with one order.
    private struct Standing {
        let device: DeviceRecord
        let confirmation: ErasureConfirmation?
        /// Whether it removed all that it had, as it says itself.
        let isWiped: Bool

        var word: String {
            if isWiped, confirmation?.state != .confirmed { return "removed everything, it says of itself" }
            return switch confirmation?.state {
            case .confirmed: "confirmed"
            case .waitsForUser: "waits for its user, or for its file to be free"
            case nil: "not yet"
            }
        }
    }

    static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        context.folder.keepTemporaryFiles()
        let connection = try context.folder.open()
        let devices = try connection.hub.devices().filter { $0.number != DeviceRecord.office }
        let orders = try connection.hub.erasures()
        if !orders.isEmpty, try !ErasedFiles(connection).clean() {
            try context.console.note(words(ErasedFiles(connection)))
        }
        let wiped = try Set(
            devices.map(\.number).filter { try connection.hub.standing(of: $0)?.standing.isWiped == true })
        let standings = orders.map { order in
            devices.map { device in
                Standing(
                    device: device, confirmation: order.confirmations.first { $0.device == device.number },
                    isWiped: wiped.contains(device.number))
            }.filter {
                // Later ones never held anything of it, but for a copy of an older one that waits for its user.
                $0.device.number <= order.erasure.highestDevice || $0.confirmation?.state == .waitsForUser
            }
        }
        let all = zip(orders.map(\.erasure), standings)
        let late = try LateRecords(connection)
        if context.console.settings.isJSON {
            return try context.console.show(.array(all.map { json($0, $1, late) }))
        }
        if orders.isEmpty { return try context.console.note("Nothing was ever erased here.") }
        for (erasure, standings) in all { try show(erasure, standings, context.console) }
        for line in late.lines { try context.console.show(line) }
    }

    /// Why files of the server may still hold what was erased.
    static func words(_ files: ErasedFiles) -> String {
        let former = files.copies.former
        guard former.isEmpty else {
            return
                "The folder holds \(former.joined(separator: ", ")), from before a restore, in which everything still stands. "
                + "Remove it, with the -wal beside it."
        }
        if (try? files.waitsForServer) == true {
            return
                "Gaps in the file of the database still hold what was erased. It is large, so the server that runs writes it anew "
                + "within a minute, and laptops wait for that. Look again later: \(files.statusCommand)"
        }
        return
            "The database, its log or a copy of it still holds what was erased: it is in use, or the disk has no room to "
            + "write it anew. Look again later: \(files.statusCommand)"
    }

    private static func show(_ erasure: Erasure, _ standings: [Standing], _ console: Console) throws {
        let whole = erasure.order.targets.count(where: \.isWhole)
        let rest = erasure.order.targets.count - whole
        try console.showHeading("\(ShortID.display(erasure.order.id))  \(TimeText.local(erasure.milliseconds))")
        try console.show("Erased: \(whole)\(rest == 0 ? "" : ", redacted: \(rest)")")
        let confirmed = standings.count { $0.confirmation?.state == .confirmed }
        try console.show("Confirmed by \(confirmed) of \(standings.count) devices")
        var table = Table([
            Table.Column("ID", .right), Table.Column("Device"), Table.Column("Person"), Table.Column("State"),
            Table.Column("When"), Table.Column("Last seen"),
        ])
        for standing in standings {
            let device = standing.device
            table.add([
                String(device.number), device.name, device.person,
                standing.word + (device.isRevoked ? " (revoked)" : ""),
                standing.confirmation.map { TimeText.local($0.milliseconds) } ?? "",
                device.seenMilliseconds.map(TimeText.local) ?? "never",
            ])
        }
        try console.show(table)
        try console.show("")
    }

    private static func json(_ erasure: Erasure, _ standings: [Standing], _ late: LateRecords) -> JSONValue {
        let whole = erasure.order.targets.count(where: \.isWhole)
        return [
            "order": .string(erasure.order.id.description), "at": .string(TimeText.rfc3339(erasure.milliseconds)),
            "erased": JSONValue(whole), "redacted": JSONValue(erasure.order.targets.count - whole),
            "still_referring": JSONValue(late.count(of: erasure.order)),
            "devices": .array(
                standings.map { standing in
                    let device = standing.device
                    return [
                        "id": .integer(Int64(device.number)), "name": .string(device.name),
                        "person": .string(device.person), "revoked": .boolean(device.isRevoked),
                        "state": .string(word(standing.confirmation?.state)), "wiped": .boolean(standing.isWiped),
                        "at": standing.confirmation.map { .string(TimeText.rfc3339($0.milliseconds)) } ?? .null,
                        "last_seen": device.seenMilliseconds.map { .string(TimeText.rfc3339($0)) } ?? .null,
                    ]
                }),
        ]
    }

    private static func word(_ state: ErasureState?) -> String {
        switch state {
        case .confirmed: "confirmed"
        case .waitsForUser: "waits_for_user"
        case nil: "not_yet"
        }
    }
}
