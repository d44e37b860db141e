/// How much a server holds.
package struct HubStatistics: Hashable, Sendable {
    package struct TableCount: Hashable, Sendable {
        package var table: String
        package var living: Int
        package var deleted: Int

        package init(table: String, living: Int, deleted: Int) {
            self.table = table
            self.living = living
            self.deleted = deleted
        }
    }

    /// In the order of the schema; records of kinds that it does not know come last.
    package var tables: [TableCount]
    package var openConflicts: Int
    package var heldGroups: Int
    package var feedEntries: Int
    /// Without the server itself and without revoked devices.
    package var devices: Int

    package init(tables: [TableCount], openConflicts: Int, heldGroups: Int, feedEntries: Int, devices: Int) {
        self.tables = tables
        self.openConflicts = openConflicts
        self.heldGroups = heldGroups
        self.feedEntries = feedEntries
        self.devices = devices
    }
}
