/// What merging one change into one record did.
package struct MergeOutcome: Sendable {
    /// Versions that are not current (any more): overwritten, lost, or come late. They go to the history.
    package var superseded: [FieldState] = []
    /// Conflicts that this change made; none of them was known before.
    package var conflicts: [Conflict] = []
    /// Fields whose current version changed; existence stands for `isLiving` as well.
    package var changed = FieldMask()
    /// Whether everything in the change is now current, so that its writer already shows what the server holds.
    package var isExact = true
    /// Versions that had lost, or had been lifted by others, and are in force again; they leave the history.
    package var reinstated: [FieldState] = []

    /// Nothing was done.
    package init() {}
}
