import Dispatch
import Synchronization
import Terminal

/// Many seeds on several threads.
struct Campaign {
    let first: Int
    let count: Int
    let threadCount: Int

    /// The most failing seeds that are told.
    private static let largestFailureCount = 10

    private struct Progress {
        var next = 0
        var done = 0
        var operationCount = 0
        var trace: UInt64 = 0
        var faults: [Fault: Int] = [:]
        var failures: [Simulation.Outcome] = []
        var trouble: String?
    }

    /// Runs all seeds, and tells what failed and how often each fault came.
    ///
    /// - Throws: `CommandFailure` where a seed fails.
    func run(_ console: Console) throws {
        let progress = Mutex(Progress())
        let clock = ContinuousClock()
        let begun = clock.now
        DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
            do {
                let simulation = try Simulation(number: thread + 1)
                while let seed = take(progress) { note(simulation.run(seed: seed), in: progress) }
            } catch {
                progress.withLock { $0.trouble = "\(error)" }
            }
        }
        let elapsed = begun.duration(to: clock.now)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        try tell(progress.withLock { $0 }, seconds: seconds, console)
    }

    /// Prints the first seed that fails, with what is wrong, and nothing else.
    ///
    /// - Throws: `CommandFailure` where none fails.
    func find(_ console: Console) throws {
        let simulation = try Simulation(number: 1)
        for seed in first..<first + count {
            if let finding = simulation.run(seed: UInt64(seed)).findings.first {
                return try console.show("\(seed) \(finding)")
            }
        }
        throw CommandFailure(exitCode: .failed, message: "None of \(count) seeds fails.")
    }

    private func take(_ progress: borrowing Mutex<Progress>) -> UInt64? {
        progress.withLock { progress in
            guard progress.next < count, progress.failures.count < Self.largestFailureCount else { return nil }
            defer { progress.next += 1 }
            return UInt64(first + progress.next)
        }
    }

    private func note(_ outcome: Simulation.Outcome, in progress: borrowing Mutex<Progress>) {
        progress.withLock { progress in
            progress.done += 1
            progress.operationCount += outcome.operationCount
            // A sum, so that it does not matter which thread was first.
            progress.trace &+= outcome.trace
            for fault in outcome.faults { progress.faults[fault, default: 0] += 1 }
            if !outcome.findings.isEmpty { progress.failures.append(outcome) }
        }
    }

    private func tell(_ progress: Progress, seconds: Double, _ console: Console) throws {
        if let trouble = progress.trouble { throw CommandFailure(exitCode: .failed, message: trouble) }
        let rate = Int(Double(progress.done) / max(seconds, 0.001))
        try console.show(
            "\(progress.done) seeds, \(progress.operationCount) operations, \(rate) seeds/s, "
                + "trace \(String(progress.trace, radix: 16))")
        for fault in Fault.allCases { try console.show("  \(fault.rawValue): \(progress.faults[fault] ?? 0)") }
        for failure in progress.failures.sorted(by: { $0.seed < $1.seed }) { try tell(failure, console) }
        guard progress.failures.isEmpty else {
            let count = progress.failures.count
            throw CommandFailure(exitCode: .failed, message: count == 1 ? "1 seed fails." : "\(count) seeds fail.")
        }
    }

    private func tell(_ failure: Simulation.Outcome, _ console: Console) throws {
        guard let finding = failure.findings.first else { return }
        let all = Array(0..<Settings(seed: failure.seed).operationCount)
        let simulation = try Simulation(number: 0)
        let rest = simulation.shrink(seed: failure.seed, all, kind: Simulation.kind(of: finding))
        try console.show("seed \(failure.seed): \(finding)")
        try console.show(
            "  kith-simulate \(PlantedChoice.option)--replay \(failure.seed) --operations \(OperationList.write(rest))")
    }
}
