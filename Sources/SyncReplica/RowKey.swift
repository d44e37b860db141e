/// Where a record stands in this file.
struct RowKey: Hashable {
    let table: Int
    let key: Int64
}
