import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Terminal

extension ProcessTests {
    @Suite("The streams of a process")
    struct ProcessStreamsTests {
        private func withPipe(_ body: (_ reading: Int32, _ writing: Int32) throws -> Void) throws {
            var ends: [Int32] = [-1, -1]
            try #require(unsafe pipe(&ends) == 0)
            try body(ends[0], ends[1])
        }

        @Test("Bytes go through a pipe piece by piece up to its end")
        func pipes() throws {
            try withPipe { reading, writing in
                try writeBytes([1, 2, 3], to: writing)
                close(writing)
                #expect(try readBytes(from: reading, maximumBytes: 2, isInterruptible: true) == [1, 2])
                #expect(try readBytes(from: reading, maximumBytes: 2, isInterruptible: false) == [3])
                #expect(try readBytes(from: reading, maximumBytes: 2, isInterruptible: false) == [])
                close(reading)
                #expect(throws: StreamFailure.refused(code: EBADF)) {
                    try readBytes(from: -1, maximumBytes: 2, isInterruptible: false)
                }
            }
        }

        @Test("A closed pipe is an error and does not end the process")
        func closedPipe() throws {
            TerminalStreams.occupyClosedStreams()
            let streams = TerminalStreams.ofProcess()
            #expect(streams.width >= TerminalStreams.minimumWidth)
            #expect(streams.environment("PATH") == ProcessInfo.processInfo.environment["PATH"])
            try withPipe { reading, writing in
                close(reading)
                #expect(throws: StreamFailure.readerGone) { try writeBytes([1], to: writing) }
                close(writing)
            }
        }

        #if os(Linux)
            @Test("A full disk is told with its number")
            func fullDisk() throws {
                let full = unsafe open("/dev/full", O_WRONLY)
                try #require(full >= 0)
                defer { close(full) }
                #expect(throws: StreamFailure.refused(code: ENOSPC)) { try writeBytes([1], to: full) }
            }
        #endif

        @Test("Ctrl-C ends a read that waits for an answer, and afterwards acts as before")
        func interrupted() throws {
            let previous = signal(SIGINT, SIG_IGN)
            defer { signal(SIGINT, previous) }
            // Threads of a pool, on which tests run, block the signal; the main thread of a program does not.
            var interrupt = sigset_t()
            var mask = sigset_t()
            unsafe sigemptyset(&interrupt)
            unsafe sigaddset(&interrupt, SIGINT)
            unsafe pthread_sigmask(SIG_UNBLOCK, &interrupt, &mask)
            defer { unsafe pthread_sigmask(SIG_SETMASK, &mask, nil) }
            try withPipe { reading, writing in
                // Signals are sent until the read has ended, so that the outcome does not hang on the moment.
                let sender = Sender(reader: ThreadReference(id: pthread_self()))
                sender.start()
                #expect(throws: StreamFailure.interrupted) {
                    try readBytes(from: reading, maximumBytes: 1, isInterruptible: true)
                }
                sender.stop()
                close(reading)
                close(writing)
            }
        }
    }
}

/// A thread to send signals to; its id is a plain number or a pointer that is never followed.
private struct ThreadReference: @unchecked Sendable {
    let id: pthread_t
}

/// Sends SIGINT to a thread until it is stopped.
private final class Sender: Sendable {
    private let reader: ThreadReference
    private let isStopped = Mutex(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    init(reader: ThreadReference) {
        self.reader = reader
    }

    func start() {
        Thread.detachNewThread { [self] in
            while !isStopped.withLock({ $0 }) {
                pthread_kill(reader.id, SIGINT)
                sched_yield()
            }
            hasEnded.signal()
        }
    }

    /// Returns once no further signal comes.
    func stop() {
        isStopped.withLock { $0 = true }
        hasEnded.wait()
    }
}
