import CMicroHTTPD

/// The C functions that MHD calls, each from one of its polling threads; their context is the server's core.
enum ServerCallbacks {
    /// Starts the daemon with these callbacks; nil if MHD refuses.
    static func start(flags: UInt32, context: UnsafeMutableRawPointer, options: inout [MHD_OptionItem])
        -> OpaquePointer?
    {
        unsafe kith_mhd_start(
            flags,
            { context, connection, path, method, _, data, size, request in
                unsafe ServerCallbacks.access(context, connection, path, method, data, size, request)
            },
            { context, _, request, _ in unsafe ServerCallbacks.completed(request) },
            { context, connection, line, event in
                unsafe ServerCallbacks.connectionChanged(context, connection, line, event)
            },
            { context, _, connection in
                if let core = unsafe ServerCallbacks.core(context), let connection = unsafe connection {
                    unsafe core.requestLineCame(connection)
                }
                return nil
            },
            { context, pattern, _ in
                if let core = unsafe ServerCallbacks.core(context), let pattern = unsafe pattern {
                    unsafe core.mhdSays(String(cString: pattern))
                }
            },
            context, &options)
    }

    private static func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
    }

    // MHD calls once with the headers, once for each piece of the body, and once more at its end or after a resume.
    private static func access(
        _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
        _ method: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>?,
        _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> MHD_Result {
        guard let core = unsafe core(context), let connection = unsafe connection, let request = unsafe request,
            let size = unsafe size
        else { return .NO }
        guard let known = unsafe request.pointee else {
            guard let path = unsafe path, let method = unsafe method else { return .NO }
            return unsafe core.headersCame(
                connection, method: String(cString: method), path: String(cString: path), context: request)
        }
        let exchange = unsafe Unmanaged<RequestExchange>.fromOpaque(known).takeUnretainedValue()
        guard unsafe size.pointee > 0 else { return unsafe core.turnCame(exchange, on: connection) }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size.pointee)
        unsafe size.pointee = 0
        return unsafe core.bodyCame(bytes, for: exchange)
    }

    private static func completed(_ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) {
        guard let request = unsafe request, let known = unsafe request.pointee else { return }
        unsafe request.pointee = nil
        unsafe Unmanaged<RequestExchange>.fromOpaque(known).takeRetainedValue().complete()
    }

    private static func connectionChanged(
        _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
        _ line: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
    ) {
        guard let core = unsafe core(context), let connection = unsafe connection, let line = unsafe line else {
            return
        }
        if event == .CONNECTION_NOTIFY_STARTED {
            unsafe line.pointee = core.opened(connection)
        } else {
            unsafe core.closed(connection, line.pointee)
        }
    }
}
