import Dispatch
import Synchronization
import Terminal

/// Worlds of the merge model, each played again on the shipped engine: model and engine must end alike.
struct Agreement {
    let threadCount: Int

    /// The most differences that are told.
    private static let largestDifferenceCount = 10

    private struct Progress {
        var worldCount: [ModelWorld.Mode: Int] = [:]
        var stepCount = 0
        var leftOutCount = 0
        var differences: [(seed: Int, text: String)] = []
        var trouble: String?
    }

    /// Reads worlds from standard input, one a line, and compares each.
    ///
    /// - Throws: `CommandFailure` where one differs, and where there are none.
    func run(_ console: Console) throws {
        let progress = Mutex(Progress())
        let lines = Mutex(true)
        DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
            do {
                let stage = try Stage(number: thread + 1)
                while progress.withLock({ $0.differences.count }) < Self.largestDifferenceCount,
                    let line = lines.withLock({ isOpen in isOpen ? readLine() : nil })
                {
                    let world = try ModelWorld(line: line)
                    let difference = Self.difference(in: world, on: stage)
                    progress.withLock { Self.note(world, difference, in: &$0) }
                }
            } catch {
                progress.withLock { $0.trouble = "These are no worlds that record-worlds wrote: \(error)." }
            }
        }
        try tell(progress.withLock { $0 }, console)
    }

    /// The first thing in which model and engine differ; nil where they agree.
    static func difference(in world: ModelWorld, on stage: Stage) -> String? {
        var index = 0
        do {
            let office = try AgreementOffice(world, on: stage)
            let server = world.mode == .server ? ServerReplay(world, in: office) : nil
            let laptops = world.mode == .laptop ? try LaptopReplay(world, in: office, on: stage) : nil
            for step in world.steps {
                try server?.perform(step)
                try laptops?.perform(step)
                index += 1
            }
            try office.compare(with: world)
            try laptops?.compare(with: world)
            return nil
        } catch let difference as AgreementOffice.Difference {
            return "step \(index): \(difference.text)"
        } catch {
            return "step \(index): \(error)"
        }
    }

    private static func note(_ world: ModelWorld, _ difference: String?, in progress: inout Progress) {
        progress.worldCount[world.mode, default: 0] += 1
        progress.stepCount += world.steps.count
        progress.leftOutCount += world.leftOutCount
        if let difference {
            progress.differences.append((world.seed, "seed \(world.seed), \(world.mode.rawValue), \(difference)"))
        }
    }

    private func tell(_ progress: Progress, _ console: Console) throws {
        if let trouble = progress.trouble { throw CommandFailure(exitCode: .failed, message: trouble) }
        let (servers, laptops) = (progress.worldCount[.server] ?? 0, progress.worldCount[.laptop] ?? 0)
        try console.show(
            "agreement with the merge model: \(servers) worlds on the server, \(laptops) on laptops and server, "
                + "\(progress.stepCount) steps, \(progress.leftOutCount) edits left out")
        for difference in progress.differences.sorted(by: { $0.seed < $1.seed }) { try console.show(difference.text) }
        guard progress.differences.isEmpty else {
            throw CommandFailure(exitCode: .failed, message: "Model and engine differ.")
        }
        guard servers + laptops > 0 else {
            throw CommandFailure(exitCode: .failed, message: "There were no worlds to compare.")
        }
    }
}
