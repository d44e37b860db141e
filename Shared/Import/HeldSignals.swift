#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Lets Ctrl-C, a closed window and a shutdown wait until work has come to a place where it can stop and say how far it is.
///
/// Where one of them would end the process, it is held back from this thread and from those that it starts
/// (pthread_sigmask(3)); what whoever started the program passes over or holds back is left so.
struct HeldSignals {
    private let held: [Int32]
    private var previous = sigset_t()

    init() {
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, nil, &before)
        held = [SIGINT, SIGTERM, SIGHUP].filter { unsafe Self.endsProcess($0) && sigismember(&before, $0) == 0 }
        var signals = Self.set(held)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, &previous)
    }

    /// Whether one has come.
    var haveCome: Bool {
        var pending = sigset_t()
        guard unsafe sigpending(&pending) == 0 else { return false }
        return held.contains { unsafe sigismember(&pending, $0) == 1 }
    }

    /// Lets them through again: one that has come ends the process now, as it would have done then.
    func release() {
        var mask = previous
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Passes over those that have come, as all is done, and lets later ones through again.
    func drop() {
        var signals = Self.set(held)
        var number: Int32 = 0
        while haveCome, unsafe sigwait(&signals, &number) == 0 {}
        release()
    }

    /// Whether nobody has said what else is to happen; a program that `nohup` started passes over a closed window.
    private static func endsProcess(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            return unsafe action.__sigaction_handler.sa_handler == nil
        #else
            return unsafe action.__sigaction_u.__sa_handler == nil
        #endif
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in numbers { unsafe sigaddset(&signals, number) }
        return signals
    }
}
