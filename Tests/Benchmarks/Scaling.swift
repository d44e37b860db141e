/// What one server carries, worked out from what was measured.
struct Scaling {
    /// What a laptop does on a working day: an assumption, which the page says.
    private static let (syncsADay, recordsADay, editsADay, teamSize) = (32.0, 20.0, 20.0, 20.0)
    private static let (workingDays, workingSeconds, morningSeconds) = (220.0, 8.0 * 3_600, 300.0)
    /// Half of what is there: the rest of the day must have room too.
    private static let share = 0.5

    private let findings: [Finding]

    init(_ findings: [Finding]) { self.findings = findings }

    /// The median of a finding, by its row and a word of it; nil where it was not measured.
    private func median(_ row: String, _ word: String) -> Double? {
        findings.first { $0.row == row && $0.what.contains(word) && !$0.ours.values.isEmpty }?.ours.median
    }

    /// A table; or why there is none.
    var words: String {
        guard let idle = median("P11", "processor time"), let push = median("P3", "processor time"),
            let read = median("P4", "processor time"), let room = median("P3", "server's file"),
            let edit = median("P16", "for each edit"), let upload = median("P13", "upload"),
            let up = median("P11", "bytes up, handshake"), let down = median("P11", "bytes down, handshake"),
            let rush = median("P9", "500 devices at once"), let memory = median("P9", "memory of the server")
        else { return "Not every figure that this needs was measured in the last run." }
        // An edit costs the server about what a new record costs, and comes to everybody else in the team.
        let changes = Self.recordsADay + Self.editsADay
        let received = changes * (Self.teamSize - 1)
        let processor = Self.syncsADay * idle + (changes * push + received * read) / 1_000
        let devices = Self.share * Self.workingSeconds * 1_000 / processor
        let morning = Self.share * Self.morningSeconds * rush
        let bytes = Self.syncsADay * (up + down) + (changes + received) * upload
        let disk = Self.workingDays * (Self.recordsADay * room + Self.editsADay * edit) / 1_048_576
        let rows: [(String, String)] = [
            ("processor time of the server, a device and day", "\(Finding.shown(processor)) ms"),
            ("devices by that, with half a core in 8 hours", Finding.shown(devices)),
            ("devices by the rush, all within 5 minutes at half of P9's rate", Finding.shown(morning)),
            (
                "records and edits a day from as many as the fewer of the two",
                Finding.shown(min(devices, morning) * changes)
            ),
            ("bytes over the line, a device and day", Finding.shown(bytes)),
            ("server's disk, a device and year", "\(Finding.shown(disk)) MB"),
            ("server's disk, 1,000 devices and a year", "\(Finding.shown(disk * 1_000 / 1_024)) GB"),
            ("memory of the server with 500 devices at once", "\(Finding.shown(memory)) MB"),
        ]
        return (["| | |", "|---|--:|"] + rows.map { "| \($0.0) | \($0.1) |" }).joined(separator: "\n")
    }
}
