import Terminal
import Testing

@testable import Simulation

@Suite("The simulator")
struct SimulationTests {
    @Test("A seed gives the same trace every time, whatever ran before it")
    func repeatable() throws {
        let one = try Simulation(number: 1)
        let other = try Simulation(number: 2)
        let traces = (0..<6).map { one.run(seed: $0).trace }
        #expect((0..<6).reversed().map { other.run(seed: $0).trace } == traces.reversed())
        #expect(Set(traces).count == traces.count)
    }

    @Test("G2 G3 G4 G5 G6 G7: seeds keep the promises", arguments: UInt64(100)..<112)
    func promises(seed: UInt64) throws {
        let outcome = try Simulation(number: 100 + Int(seed)).run(seed: seed)
        #expect(outcome.findings == [], "seed \(seed)")
    }

    @Test("Operations of no seed are refused: without --replay the list would say nothing")
    func operationsAlone() {
        let recorded = RecordedStreams()
        #expect(SimulationProgram.run(["--operations", "1", "--seeds", "1"], streams: recorded.streams) == .usage)
        #expect(recorded.errorOutput.contains("it needs --replay"), "\(recorded.errorOutput)")
    }

    @Test("Lists of operations are written as ranges and read again")
    func lists() throws {
        #expect(OperationList.write([0, 1, 2, 5, 9, 10]) == "0-2,5,9-10")
        #expect(try OperationList.read("0-2,5,9-10") == [0, 1, 2, 5, 9, 10])
        #expect(throws: (any Error).self) { try OperationList.read("3-x") }
        #expect(throws: (any Error).self) { try OperationList.read("9-3") }
    }
}
