#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension TerminalStreams {
    /// The standard streams of this process; from then on SIGPIPE is ignored, so that a closed pipe is an error code.
    ///
    /// `occupyClosedStreams` comes before it.
    package static func ofProcess() -> TerminalStreams {
        signal(SIGPIPE, SIG_IGN)
        let inputIsTerminal = isatty(STDIN_FILENO) == 1
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        return TerminalStreams(
            read: { (maximumBytes) throws(StreamFailure) in
                try readBytes(from: STDIN_FILENO, maximumBytes: maximumBytes, isInterruptible: inputIsTerminal)
            },
            writeOutput: { (bytes) throws(StreamFailure) in try writeBytes(bytes, to: STDOUT_FILENO) },
            writeError: { (bytes) throws(StreamFailure) in try writeBytes(bytes, to: STDERR_FILENO) },
            setEcho: { setTerminalEcho(of: STDIN_FILENO, $0) },
            environment: environmentVariable,
            inputIsTerminal: inputIsTerminal,
            outputIsTerminal: outputIsTerminal,
            errorIsTerminal: isatty(STDERR_FILENO) == 1,
            width: width(columns: environmentVariable("COLUMNS"), terminal: terminalWidth(of: STDOUT_FILENO)),
            inputWaits: { inputIsTerminal && isReadable(STDIN_FILENO) },
            dropInput: { if inputIsTerminal { tcflush(STDIN_FILENO, TCIFLUSH) } },
            longestLineBytes: inputIsTerminal ? longestTerminalLineBytes : nil)
    }

    /// Takes the numbers of standard streams that were closed before the start, with files that can't be read or written in
    /// their place.
    ///
    /// It is the first thing that a program does, before a thread of its own opens anything: the system gives the next file the
    /// lowest free number, and what is printed would go into a database, or to the office over its line.
    package static func occupyClosedStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // Where even this can't be opened, nothing else can.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

/// How long a line can be that a terminal hands over in one piece, its end left out: what goes beyond is lost there (termios(3),
/// canonical mode).
#if canImport(Glibc)
    private let longestTerminalLineBytes = 4_095
#else
    private let longestTerminalLineBytes = 1_023
#endif

/// Whether a read would return at once (poll(2)).
private func isReadable(_ descriptor: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&waiting, 1, 0) > 0 && waiting.revents & Int16(POLLIN) != 0
}

/// The value of an environment variable, or nil where it is not set or not UTF-8.
private func environmentVariable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: value)
}

/// The columns of the terminal behind a file descriptor, or nil where it is none (tty_ioctl(4)).
private func terminalWidth(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return Int(size.ws_col)
}

/// Writes all the bytes, also where the system takes them piece by piece or a signal comes between (write(2)).
func writeBytes(_ bytes: [UInt8], to descriptor: Int32) throws(StreamFailure) {
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
        if count >= 0 {
            written += count
        } else if errno == EPIPE {
            throw .readerGone
        } else if errno != EINTR {
            throw .refused(code: errno)
        }
    }
}

/// Reads at most that many bytes; an empty array means the end (read(2)).
///
/// Where the read is interruptible, Ctrl-C ends it with `interrupted` instead of ending the process.
func readBytes(
    from descriptor: Int32, maximumBytes: Int, isInterruptible: Bool
) throws(StreamFailure) -> [UInt8] {
    // A window that is closed, and a machine that shuts down, end an answer too, and not what was answered before it.
    let ending = isInterruptible ? [SIGINT, SIGHUP, SIGTERM] : []
    var previous = ending.map { _ in sigaction() }
    for (index, signal) in ending.enumerated() {
        var waking = wakingAction()
        unsafe sigaction(signal, &waking, &previous[index])
    }
    defer {
        for (index, signal) in ending.enumerated() { unsafe sigaction(signal, &previous[index], nil) }
    }
    var bytes = [UInt8](repeating: 0, count: maximumBytes)
    while true {
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress, buffer.count)
        }
        if count >= 0 { return Array(bytes.prefix(count)) }
        if errno != EINTR { throw .refused(code: errno) }
        if isInterruptible { throw .interrupted }
    }
}

/// A signal action that does nothing but end the system call that waits (sigaction(2), without SA_RESTART).
private func wakingAction() -> sigaction {
    var action = sigaction()
    #if canImport(Glibc)
        unsafe action.__sigaction_handler.sa_handler = { _ in }
    #else
        unsafe action.__sigaction_u.__sa_handler = { _ in }
    #endif
    return action
}

/// Switches whether a terminal shows what is typed; without effect where there is no terminal (termios(3)).
private func setTerminalEcho(of descriptor: Int32, _ isOn: Bool) {
    var attributes = termios()
    guard unsafe tcgetattr(descriptor, &attributes) == 0 else { return }
    if isOn {
        attributes.c_lflag |= tcflag_t(ECHO)
    } else {
        attributes.c_lflag &= ~tcflag_t(ECHO)
    }
    unsafe tcsetattr(descriptor, TCSAFLUSH, &attributes)
}

/// The system's words for an error number (strerror(3)).
func systemReason(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
