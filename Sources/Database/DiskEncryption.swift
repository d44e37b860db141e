#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Whether the disk that a folder lies on is encrypted as a whole, as far as the system tells.
package enum DiskEncryption: Int, Sendable {
    /// The system does not say: no block device of its own, or a system that this program can't ask.
    case unknown = 0
    /// LUKS, on the disk or somewhere below it.
    case encrypted = 1
    /// Whoever takes the disk can read it.
    case plain = 2

    /// How many layers of devices are looked through, such as a volume on a group on an encrypted disk.
    private static let largestDepth = 8
    private static let mark = "CRYPT-"

    /// Looks at the disk of a folder.
    ///
    /// - Parameter system: where Linux describes its devices (sysfs(5)).
    package static func of(_ folder: String, system: String = "/sys") -> DiskEncryption {
        #if canImport(Darwin)
            return .unknown
        #else
            var status = stat()
            guard unsafe stat(folder, &status) == 0 else { return .unknown }
            // The layout of makedev(3), whose macros Swift can't import.
            let device = UInt64(status.st_dev)
            let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
            let minor = device & 0xFF | device >> 12 & ~0xFF
            // Major number 0 is no block device: a file system of the network, in memory, or over others.
            guard major != 0 else { return .unknown }
            return of(device: "\(system)/dev/block/\(major):\(minor)")
        #endif
    }

    /// Looks at one device and those that it lies on.
    static func of(device: String, depth: Int = 0) -> DiskEncryption {
        guard depth < largestDepth, unsafe access(device, F_OK) == 0 else { return .unknown }
        if line("\(device)/dm/uuid").hasPrefix(mark) { return .encrypted }
        let below = names("\(device)/slaves").map { of(device: "\(device)/slaves/\($0)", depth: depth + 1) }
        if below.isEmpty { return .plain }
        // Only what is encrypted everywhere is encrypted.
        if below.contains(.plain) { return .plain }
        return below.contains(.unknown) ? .unknown : .encrypted
    }

    /// The beginning of a small file; empty where it can't be read.
    private static func line(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func names(_ folder: String) -> [String] {
        guard let listing = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
