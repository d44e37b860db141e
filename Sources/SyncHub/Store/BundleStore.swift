import SyncCore

/// The part of a hub's store for sealed files of devices.
package protocol BundleStore: AnyObject {
    /// Where a device stood with its last bundle.
    func bundleStanding(ofDevice number: UInt32) throws -> BundleStanding?
    /// Keeps where a device stands with its bundles.
    func setBundleStanding(_ standing: BundleStanding, ofDevice number: UInt32) throws
    /// Forgets where a device stood with its bundles.
    func removeBundleStanding(ofDevice number: UInt32) throws
    /// The bundles of a device that wait for groups before theirs, the lowest number first.
    func waitingBundles(ofDevice number: UInt32) throws -> [WaitingBundle]
    /// Keeps a bundle in place of one with the same first group.
    func addWaitingBundle(_ bundle: WaitingBundle, body: [UInt8]) throws
    /// A bundle that waits, as it came; nil where there is none.
    func waitingBundleBody(first: UInt64, ofDevice number: UInt32) throws -> [UInt8]?
    /// Removes a bundle that waits.
    func removeWaitingBundle(first: UInt64, ofDevice number: UInt32) throws
}
