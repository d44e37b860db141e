import Dispatch
import Synchronization

/// Carries things from one thread to another: one makes them while the other works on those before.
///
/// One thing can lie on it. So at most three are in memory at a time: one that is made, one that lies, one in work.
final class Conveyor<Thing: Sendable>: Sendable {
    private enum Content: Sendable {
        case nothing
        case thing(Thing)
        /// The maker has nothing more, or failed.
        case end((any Error)?)
        /// The other thread wants no more.
        case closed
    }

    private let content = Mutex<Content>(.nothing)
    private let placed = DispatchSemaphore(value: 0)
    private let taken = DispatchSemaphore(value: 1)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the maker on a thread of its own.
    ///
    /// - Parameter make: hands each thing to the function that it is given; that returns false once no more are wanted.
    init(_ make: @escaping @Sendable (_ place: (Thing) -> Bool) throws -> Void) {
        DispatchQueue.global().async { [self] in
            var failure: (any Error)?
            do {
                try make { place(.thing($0)) }
            } catch {
                failure = error
            }
            _ = place(.end(failure))
            ended.signal()
        }
    }

    /// Waits for the next thing; nil after the last one.
    ///
    /// - Throws: what the maker failed with, after all things that it made before.
    func next() throws -> Thing? {
        placed.wait()
        let next = content.withLock { content in
            defer { content = .nothing }
            return content
        }
        taken.signal()
        switch next {
        case .thing(let thing): return thing
        case .end(let failure?): throw failure
        case .end, .nothing, .closed: return nil
        }
    }

    /// Takes no more, and waits until the maker has ended; to be called once, before what the maker uses goes away.
    func close() {
        content.withLock { $0 = .closed }
        taken.signal()
        ended.wait()
    }

    private func place(_ next: Content) -> Bool {
        taken.wait()
        let isWanted = content.withLock { content in
            if case .closed = content { return false }
            content = next
            return true
        }
        (isWanted ? placed : taken).signal()
        return isWanted
    }
}
