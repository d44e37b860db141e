/// Why the server could not start, or a certificate could not be made or read; nothing is left running or half made.
package enum HTTPServingError: Error, Equatable, CustomStringConvertible {
    /// The host is no IPv4 or IPv6 literal.
    case invalidHost(String)
    /// The address can't be listened on: the operating system's error number.
    case cannotListen(host: String, port: UInt16, errno: Int32)
    /// A setting is out of its bounds.
    case invalidSetting(name: String, value: Int)
    /// The HTTPS server did not start, though its address was free.
    case cannotStart(host: String, port: UInt16)
    /// A thread could not be started: the operating system's error number.
    case cannotStartThread(errno: Int32)
    /// A pipe between threads could not be made: the operating system's error number.
    case cannotMakePipe(errno: Int32)
    /// A step with keys or certificates failed: the step in words, and GnuTLS's error number.
    case certificate(step: String, code: Int32)
    /// The private key is not the certificate's.
    case keyDoesNotMatch

    /// What failed, with which values, and what to do next.
    package var description: String {
        switch self {
        case .invalidHost(let host):
            "Cannot listen on \"\(host)\": it is no IP address. Nothing was started. "
                + "Give an address such as 127.0.0.1, 0.0.0.0 or ::."
        case .cannotListen(let host, let port, let number):
            "Cannot listen on \(host), port \(port): \(SystemError.text(number)). Nothing was started. "
                + "Choose another port, or stop the program that uses this one."
        case .invalidSetting(let name, let value):
            "The server's setting \(name) can't be \(value). Nothing was started. Choose another value."
        case .cannotStart(let host, let port):
            "The HTTPS server on \(host), port \(port), did not start; its log says why. Nothing is running."
        case .cannotStartThread(let number):
            "Cannot start a thread: \(SystemError.text(number)). Nothing is running. Try again when less is running."
        case .cannotMakePipe(let number):
            "Cannot make a pipe: \(SystemError.text(number)). Nothing is running. Try again when less is running."
        case .certificate(let step, let code):
            "Cannot \(step) (GnuTLS error \(code)). No file was changed. Check the key and certificate files."
        case .keyDoesNotMatch:
            "The private key does not belong to the certificate. No file was changed. Restore both from one backup."
        }
    }
}
