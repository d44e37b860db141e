/// Groups of one device that are written in the same commit.
package struct GroupWriting {
    let replica: Replica
    /// The first row of the command's operation in the log; nil before there is one.
    package private(set) var operation: Int64?

    init(replica: Replica, operation: Int64?) {
        self.replica = replica
        self.operation = operation
    }

    /// Does local work that becomes one group; what an earlier group wrote is there.
    ///
    /// - Throws: what the body throws, `ReplicaError` where a limit is passed, and what the disk reports.
    package mutating func write<T>(_ body: (inout LocalTransaction) throws -> T) throws -> T {
        var work = try LocalTransaction(replica)
        let result = try body(&work)
        try work.save()
        let row = try work.log(as: replica.command, operation)
        operation = operation ?? row
        return result
    }
}
