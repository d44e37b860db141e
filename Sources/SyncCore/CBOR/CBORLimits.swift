/// How large what is decoded may be; each limit is checked before anything is allocated.
package struct CBORLimits: Hashable, Sendable {
    /// The most arrays, maps and tags within each other that `skip` and `readItem` follow.
    package var depth: Int
    /// The most bytes in one text or byte string.
    package var lengthBytes: Int
    /// The most items in one array, or pairs in one map.
    package var count: Int

    /// Sets the limits; the defaults fit the largest group and the largest page.
    ///
    /// - Parameters:
    ///   - depth: arrays, maps and tags within each other, 0 or more.
    ///   - lengthBytes: bytes in one string, 0 or more.
    ///   - count: items in one array or pairs in one map, 0 or more.
    package init(depth: Int = 16, lengthBytes: Int = 4 << 20, count: Int = 1 << 20) {
        self.depth = depth
        self.lengthBytes = lengthBytes
        self.count = count
    }
}
