/// One seed, from its beginning to what is wrong in the end.
package struct Simulation {
    /// What came of a run.
    package struct Outcome: Sendable {
        package var seed: UInt64
        /// The same for a seed, and a list of operations, every time.
        package var trace: UInt64
        package var findings: [String]
        package var faults: Set<Fault>
        package var operationCount: Int
    }

    private let stage: Stage

    /// - Parameter number: tells several in one process apart; each belongs to one thread.
    package init(number: Int) throws { stage = try Stage(number: number) }

    /// Runs a seed.
    ///
    /// - Parameters:
    ///   - operations: the numbers of those that are done; nil for all.
    ///   - narrate: takes what happens, in words.
    package func run(
        seed: UInt64, operations: [Int]? = nil, narrate: ((String) -> Void)? = nil
    ) -> Outcome {
        let settings = Settings(seed: seed)
        let chosen = operations ?? Array(0..<settings.operationCount)
        var outcome = Outcome(seed: seed, trace: 0, findings: [], faults: [], operationCount: chosen.count)
        do {
            let world = try World(settings, on: stage)
            world.narrate = narrate
            do {
                try world.run(chosen.map { Operation(index: $0, settings: settings) })
            } catch {
                world.find("operation \(world.operation): \(error)")
            }
            outcome.trace = world.trace.hash
            outcome.findings = world.findings
            outcome.faults = world.faults
        } catch {
            outcome.findings = ["setting up: \(error)"]
        }
        return outcome
    }

    /// The shortest list of operations that still fails in the same way (Zeller's delta debugging), and how it fails.
    package func shrink(seed: UInt64, _ operations: [Int], kind: String) -> [Int] {
        var rest = operations
        var size = max(rest.count / 2, 1)
        while true {
            var start = 0
            var isShorter = false
            while start < rest.count {
                let shorter = Array(rest[..<start] + rest[min(start + size, rest.count)...])
                if run(seed: seed, operations: shorter).findings.contains(where: { Self.kind(of: $0) == kind }) {
                    rest = shorter
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { return rest }
            size = max(size / 2, 1)
        }
    }

    /// What kind of failure a finding is: the words before the colon, or all without numbers.
    package static func kind(of finding: String) -> String {
        if let colon = finding.firstIndex(of: ":") { return String(finding[..<colon].filter { !$0.isNumber }) }
        return finding.filter { !$0.isNumber }
    }
}
