/// A record that was to be added is there already.
package struct KnownRecord: Error {
    package init() {}
}
