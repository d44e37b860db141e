/// The rules for names of devices. Both sides ask: a name stands in the office's lists and reports, where it must not be taken for
/// the office itself, nor for nothing.
package enum DeviceName {
    /// What the office is called in its own lists, folded.
    private static let officeKeys: Set = [TextMatch.key("server"), TextMatch.key("office")]

    /// A name as it is kept; nil for one that no device may have: nothing in it can be seen, it holds a control character, is a
    /// dash, or is the office's, also with other capitals or spaces.
    package static func kept(_ name: String) -> String? {
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        let tidied = TidyName.tidied(name)
        guard !tidied.isEmpty, tidied != "-", !officeKeys.contains(TextMatch.key(tidied)) else { return nil }
        return tidied
    }
}
