/// The bounds of a fetch.
package struct FetchSettings: Sendable {
    /// Longest time until the connection is made, TLS included.
    package var connectTimeoutMilliseconds = 10_000
    /// A fetch ends when fewer than one byte a second moved for this long, so that a slow line is no error.
    package var stallSeconds = 60
    /// Largest body of a reply, in bytes.
    package var replyLimitBytes = 16 << 20
    /// Where libcurl is looked for, in this order.
    package var libraryNames = FetchSettings.systemLibraryNames

    /// The defaults.
    package init() {}

    /// The names that the systems give to libcurl 7 and 8.
    package static var systemLibraryNames: [String] {
        #if canImport(Darwin)
            ["libcurl.4.dylib"]
        #else
            ["libcurl.so.4", "libcurl-gnutls.so.4"]
        #endif
    }
}
