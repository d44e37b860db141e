import Cryptography
import HTTPServing
import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server devices list`: which devices there are, and when each was last heard of.
enum DevicesCommand {
    static let command = Command<ServerContext>(
        name: "devices", summary: "See the devices that joined.", example: "kith-server devices list --data office",
        subcommands: [
            Command(
                name: "list", summary: "List every device, revoked ones too.",
                example: "kith-server devices list --data office", run: list),
            Command(
                name: "words", summary: "Show the words that a laptop shows when it joins.",
                discussion:
                    "Let its owner read them out. Where they are others, somebody stood between: revoke the device.",
                example: "kith-server devices words 3 --data office",
                arguments: [Argument("device", "The number or the name of the device.")], run: showWords),
        ],
        run: list)

    private static func list(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let hub = try context.folder.open().hub
        let names = Dictionary(uniqueKeysWithValues: try hub.areas().map { ($0.number, $0) })
        let devices = try hub.devices().filter { $0.number != DeviceRecord.office }
        let healing = try HealingReport(hub)
        var originals: [UInt32: UInt32] = [:]
        for device in devices { originals[device.number] = try hub.original(of: device.number) }
        let differing = Dictionary(grouping: try hub.areaChecks().filter { $0.outcome == .differs }, by: \.device)
            .mapValues { checks in checks.compactMap { names[$0.area]?.name } }
        if context.console.settings.isJSON {
            try context.console.show(
                .array(
                    devices.map { device in
                        [
                            "id": .integer(Int64(device.number)), "name": .string(device.name),
                            "person": .string(device.person), "role": .string(Roles.name(of: device.role)),
                            "areas": .array(areas(of: device, names).map { .string($0) }),
                            "copy_of": originals[device.number].map { .integer(Int64($0)) } ?? .null,
                            "revoked": .boolean(device.isRevoked),
                            "reported_back": healing.hasReported(device).map { .boolean($0) } ?? .null,
                            "differing_areas": .array((differing[device.number] ?? []).map { .string($0) }),
                            "last_seen": device.seenMilliseconds.map { .string(TimeText.rfc3339($0)) } ?? .null,
                        ]
                    }))
            return
        }
        var table = Table([
            Table.Column("ID", .right), Table.Column("Device"), Table.Column("Person"), Table.Column("Role"),
            Table.Column("Areas"), Table.Column("Last seen"), Table.Column("State"),
        ])
        for device in devices {
            table.add([
                String(device.number), device.name, device.person, Roles.name(of: device.role),
                areas(of: device, names).joined(separator: ", "),
                device.seenMilliseconds.map(TimeText.local) ?? "never",
                state(
                    of: device, healing, differing: differing[device.number], original: originals[device.number]),
            ])
        }
        if devices.isEmpty {
            let invite = context.command("invite --name NAME --role ROLE")
            try context.console.note("No device has joined yet. Invite one: \(invite)")
        }
        try context.console.show(table)
        for line in healing.lines { try context.console.show(line) }
    }

    private static func showWords(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let device = try RevokeCommand.find(arguments.argument("device") ?? "", in: try connection.hub.devices())
        guard let key = try connection.hub.deviceKey(of: device.number) else {
            throw CommandFailure(
                exitCode: .notFound,
                message: "\(device.name) has said no key yet: it joined with an older version. Nothing was changed.",
                next: "kith-server devices list")
        }
        let content = ComparedWords.content(
            officeKey: connection.officeKey.publicKey, deviceKey: key,
            pin: try context.folder.certificate().publicKeyPin, device: device.number)
        let words = ComparedWords.words(of: BLAKE2b.hash256(content)).joined(separator: "-")
        if context.console.settings.isJSON {
            return try context.console.show(["id": .integer(Int64(device.number)), "words": .string(words)])
        }
        try context.console.show(words)
    }

    private static func state(
        of device: DeviceRecord, _ healing: HealingReport, differing areas: [String]?, original: UInt32?
    ) -> String {
        if device.isRevoked { return "revoked" }
        if healing.hasReported(device) == false { return "has not reported back" }
        if let areas { return "records differ: \(areas.joined(separator: ", "))" }
        return original.map { "a copy of \($0)" } ?? ""
    }

    /// The names of the areas that a device's person works in.
    private static func areas(of device: DeviceRecord, _ names: [Int: Area]) -> [String] {
        let numbers =
            device.role == .admin
            ? names.values.filter { $0.twinOf == nil && $0.number != Area.everyone }.map(\.number)
            : Array(device.areas)
        return numbers.sorted().compactMap { names[$0]?.name }
    }
}
