#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Starts a thread that ends by itself when its body returns.
enum DetachedThread {
    /// Carries the body over the C border.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts the body on a new thread, or throws `cannotStartThread`.
    static func start(_ run: @escaping @Sendable () -> Void) throws(HTTPServingError) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = unsafe pthread_create(&thread, nil, { DetachedThread.enter($0) }, body.toOpaque())
        #else
            var thread = pthread_t()
            let code = unsafe pthread_create(
                &thread, nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    return unsafe DetachedThread.enter(argument)
                }, body.toOpaque())
        #endif
        guard code == 0 else {
            unsafe body.release()
            throw .cannotStartThread(errno: code)
        }
        #if canImport(Darwin)
            if let thread = unsafe thread { unsafe pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
    }

    private static func enter(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
    }
}
