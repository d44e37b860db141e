import CSodium

/// Compares secrets in a time that depends on their length alone (libsodium's `sodium_memcmp`).
///
/// - Returns: whether both hold the same bytes; false at once if the lengths differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe sodium_memcmp(left, right, left.count) == 0
}
