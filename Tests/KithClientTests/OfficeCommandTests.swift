import Cryptography
import Database
import Foundation
import SyncCore
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct OfficeCommandTests {
    @Test("a joined laptop cannot join again, and keeps its records")
    func joinTwice() throws {
        let laptop = try FieldLaptop()
        let run = laptop.run(["join", try FieldLaptop.code(), "--device", "again"])
        #expect(run.code == .failed)
        #expect(try laptop.json("status")["device"] == "Priya's laptop")
    }

    @Test("the code may come from standard input, and both passphrase options are accepted")
    func joinFromInput() throws {
        let laptop = try FieldLaptop(isJoined: false)
        let run = laptop.run(
            ["join", "-", "--device", "Priya's laptop", "--no-passphrase", "--passphrase-file", "/nowhere"],
            input: try FieldLaptop.code() + "\n")
        #expect(run.code == .done, "\(run.errors)")
    }

    @Test(
        "a refused or failed join says why and leaves the laptop able to join",
        arguments: [
            (ClientError.refused(.invitation), ExitCode.refused), (.wrongKey, .refused),
            (.offline(reason: ""), .offline),
        ])
    func joinFails(error: ClientError, code: ExitCode) throws {
        let laptop = try FieldLaptop(isJoined: false)
        laptop.office.state.withLock { $0.joinError = error }
        let run = laptop.run(["join", try FieldLaptop.code(), "--device", "x"])
        #expect(run.code == code)
        #expect(run.errors.hasSuffix("Next: kith join --device NAME\n"), "\(run.errors)")
        laptop.office.state.withLock { $0.joinError = nil }
        #expect(laptop.run(["join", try FieldLaptop.code(), "--device", "x"]).code == .done)
    }

    @Test("a dry run of join or sync asks the office for nothing")
    func dryRuns() throws {
        let laptop = try FieldLaptop(isJoined: false)
        #expect(laptop.run(["join", try FieldLaptop.code(), "--device", "x", "--dry-run"]).code == .done)
        #expect(laptop.run(["status"]).errors.contains("has not joined"))
        let joined = try FieldLaptop()
        _ = try joined.visit()
        #expect(
            joined.run(["sync", "--dry-run"]).errors
                == "Would send 2 and fetch what is new. Nothing was sent or changed: this was a dry run.\n")
        #expect(joined.office.state.withLock { $0.taken.isEmpty && $0.sequence == 0 })
    }

    @Test("what the office holds is counted by status, and by a sync that is cut")
    func heldCount() throws {
        let laptop = try FieldLaptop()
        // The group of an area that was lost: nothing of it is left on the laptop.
        laptop.office.state.withLock { $0.held = [HeldGroup(number: 40, reason: .areaNotGranted)] }
        #expect(try laptop.json("sync")["held"] == 1)
        #expect(try laptop.json("status")["held"] == 1)
        #expect(laptop.run(["status"]).output.contains("Held for checking at the office: 1\n"))
        laptop.office.state.withLock { $0.syncError = .offline(reason: "") }
        let cut = laptop.run(["sync", "--json"])
        #expect(cut.code == .offline)
        #expect(try cut.json["held"] == 1)
        laptop.office.state.withLock {
            $0.syncError = nil
            $0.held = []
        }
        _ = try laptop.json("sync")
        #expect(try laptop.json("status")["held"] == 0)
    }

    @Test("a sync reports what it did, and afterwards all is sent")
    func sync() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let report = try laptop.json("sync")
        #expect(
            report.names == [
                "sent", "received", "conflicts", "held", "records", "digest", "server_digest", "areas",
            ])
        #expect(report["sent"] == 2)
        #expect(report["received"] == 0)
        #expect(report["held"] == 0)
        #expect(report["records"] == 2)
        #expect(try laptop.json("visit", "show", id)["state"] == "sent")
        #expect(try laptop.json("sync")["sent"] == 0)
        let words = laptop.run(["sync"])
        #expect(words.output == "Sent 0, received 0. Everything on this laptop is on the server.\n")
    }

    @Test(
        "without a connection the same report comes with exit code 4 and nothing is lost",
        arguments: [ClientError.offline(reason: "no route"), .cutOff(reason: "reset")])
    func offline(error: ClientError) throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        laptop.office.state.withLock { $0.syncError = error }
        let run = laptop.run(["sync", "--json"])
        #expect(run.code == .offline)
        #expect(try run.json["server_digest"] == .null)
        #expect(try run.json["sent"] == 0)
        #expect(run.errors.contains("2 records stay saved here"))
        #expect(run.errors.contains("Next: kith sync"))
        #expect(try laptop.json("visit", "show", id)["state"] == "waiting")
    }

    @Test("A clock that is years off is told with the day that it takes for today: what was said as today is on it")
    func wrongClock() throws {
        let laptop = try FieldLaptop()
        laptop.office.state.withLock { $0.clockLead = -400 * 86_400_000 }
        let fast = laptop.run(["sync"]).errors
        #expect(fast.contains("Your clock is 400 days fast: when you saved something is corrected."), "\(fast)")
        #expect(fast.contains("this laptop takes today for Sunday 22 November 2026."), "\(fast)")
        let other = try FieldLaptop()
        other.office.state.withLock { $0.clockLead = 180_000 }
        let slow = other.run(["sync"]).errors
        #expect(slow.contains("Your clock is 3 minutes slow") && !slow.contains("today"), "\(slow)")
        let lengths: [(UInt64, String)] = [
            (40_000, "40 seconds"), (179_000, "3 minutes"), (3_600_000, "1 hour"), (20_805 * 86_400_000, "57 years"),
        ]
        for (milliseconds, words) in lengths { #expect(SyncReport.words(milliseconds: milliseconds) == words) }
    }

    @Test("a revoked laptop is told so, and its work stays")
    func revoked() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        laptop.office.state.withLock { $0.syncError = .shutOut(receipt: 0) }
        let run = laptop.run(["sync"])
        #expect(run.code == .refused)
        #expect(try laptop.json("visit", "show", id)["state"] == "waiting")
    }

    @Test("only one sync runs at a time")
    func oneSync() throws {
        let laptop = try FieldLaptop()
        let lock = try SyncLock(path: laptop.folder + "/sync.lock")
        let run = laptop.run(["sync"])
        withExtendedLifetime(lock) {}
        #expect(run.code == .failed)
        #expect(run.errors.contains("Another sync of this laptop is running."))
    }

    @Test("a lock is given back at once, also where a program that is just being started has a copy of the open file")
    func lockIsGivenBack() throws {
        let laptop = try FieldLaptop()
        let path = laptop.folder + "/sync.lock"
        var lock: SyncLock? = try SyncLock(path: path)
        // What a new process has until it begins to run its program.
        let copy = dup(try #require(lock).descriptor)
        defer { close(copy) }
        lock = nil
        _ = try SyncLock(path: path)
        #expect(laptop.run(["sync"]).code == .done)
    }

    @Test("G16: work held for a reason of a newer server is shown as held")
    func heldForUnknownReason() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        laptop.office.state.withLock { $0.held = [HeldGroup(number: 2, reason: .unknown(99))] }
        let run = laptop.run(["sync"])
        #expect(run.code == .done)
        #expect(
            run.output.contains(
                "The office checks 1 change first: the office says why in words that this version of kith does not "
                    + "know; a newer one does."))
        #expect(try laptop.json("visit", "show", id)["state"] == "held")
        #expect(laptop.run(["held", "list"]).output.contains("a newer one does"))
    }

    @Test("work that the office holds is shown as held")
    func held() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        laptop.office.state.withLock { $0.held = [HeldGroup(number: 2, reason: .areaNotGranted)] }
        let run = laptop.run(["sync"])
        #expect(run.code == .done)
        #expect(run.output.contains("held for checking"))
        #expect(try laptop.json("visit", "show", id)["state"] == "held")
        #expect(try laptop.json("status")["held"] == 1)
    }

    @Test("status tells what waits")
    func status() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit()
        let status = try laptop.json("status")
        #expect(status["person"] == "Priya")
        #expect(status["role"] == "worker")
        #expect(status["waiting"] == 2)
        #expect(status["last_sync"] == .null)
        #expect(status["areas"] == ["everyone", "main"])
        #expect(laptop.run(["status", "--check"]).code == .done)
    }

    @Test("history has every value, oldest first, and says which is kept")
    func history() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("first")
        _ = try laptop.json("sync")
        _ = try laptop.json("visit", "edit", id, "--summary", "second")
        let run = laptop.run(["history", id, "--json"])
        #expect(run.errors.contains("what this laptop knows"))
        let summaries = try run.json.values.filter { $0["field"] == "summary" }
        #expect(summaries.map { $0["value"]?.text } == ["first", "second"])
        #expect(summaries.map { $0["kept"] } == [false, true])
        #expect(
            summaries.first?.names == [
                "number", "field", "value", "person", "device", "at", "arrived", "on_the_word_of", "kept",
            ])
        #expect(laptop.run(["history", id, "--json", "--quiet"]).errors == "")
        #expect(!run.errors.contains("another key"))
        laptop.office.state.withLock { $0.historyError = .wrongKey }
        let other = laptop.run(["history", id])
        #expect(other.errors.contains("it shows another key"), "G12: \(other.errors)")
        #expect(other.output.contains("second"))
        laptop.office.state.withLock { $0.historyError = .refused(.revoked) }
        #expect(laptop.run(["history", id]).errors.contains("does not let this laptop sync any more"))
    }

    @Test("Who carries a file that the office does not take reads what is to be done with it")
    func carriedInVain() throws {
        let laptop = try FieldLaptop()
        let path = laptop.folder + "/sealed"
        try Data(SealedMessage.magic + [0, 1]).write(to: URL(fileURLWithPath: path))
        for (refusal, words) in [(Refusal.notFound, "must sync over the line once"), (.malformed, "Ask for it again")] {
            laptop.office.state.withLock { $0.carryError = .refused(refusal) }
            let run = laptop.run(["bundle", "carry", path])
            #expect(run.code == .refused && run.errors.contains(words), "\(run.errors)")
            #expect(!run.errors.contains("notFound") && !run.errors.contains("malformed"))
        }
        laptop.office.state.withLock { $0.carryError = nil }
        #expect(laptop.run(["bundle", "carry", path]).code == .done)
    }

    @Test("exports hold living records only, with the names of references")
    func export() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("a, \"b\"")
        let gone = try laptop.visit("gone")
        _ = try laptop.json("visit", "delete", gone, "--yes")
        let lines = laptop.run(["export", "visits"]).output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("id,place,place_name,person,person_name,started,"))
        #expect(lines[1].hasPrefix(id))
        #expect(lines[1].contains("\"a, \"\"b\"\"\""))
        let row = try JSONParser.parse(Array(laptop.run(["export", "visits", "--format", "jsonl"]).output.utf8))
        #expect(row["place_name"] == "Castle House")
    }

    @Test("the doctor finds a sound laptop sound, and a damaged one damaged")
    func doctor() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit()
        _ = try laptop.json("sync")
        let findings = try laptop.json("doctor").values
        #expect(findings.allSatisfy { $0["level"] != "damaged" })
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        try open.database.transaction { try open.database.run("UPDATE visit SET summary = 'forged'") }
        #expect(laptop.run(["doctor"]).code == .damaged)
    }

    @Test("today shows what is recorded for the day")
    func today() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        _ = try laptop.json("visit", "add", "Castle House", "yesterday 9am")
        let today = try laptop.json("today")
        #expect(today["date"] == "2026-11-22")
        #expect(today["visits"]?.values.map { $0["id"]?.text } == [id])
        let bare = laptop.run([])
        #expect(bare.code == .done)
        #expect(bare.output.contains("Sunday 22 November 2026"))
        #expect(bare.output.contains("Waiting to send: 3"))
    }
}
