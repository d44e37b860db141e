/// How much of the history a merge had to read: it grows with the number of versions that a field has had, and one device can
/// make that as large as it likes.
final class MergeEffort {
    /// The versions that were looked at.
    var steps = 0
}
