package import Domain

/// Where a hub gets what it does not hold. Every call is answered later, by the method of the hub that it names; the
/// subscription may have ended by then.
///
/// In production that is the database, read by a task; in the model test it is a schedule that a seed decides.
package protocol StreamSource: AnyObject {
    /// Where a subscription begins, or begins again; answered by ``StreamHub/found(_:_:)``.
    func find(_ request: AttachRequest, for subscription: SubscriptionID)
    /// A page of the entries after a position; answered by ``StreamHub/read(_:_:_:)``.
    func read(_ request: AttachRequest, after position: Position, for subscription: SubscriptionID)
    /// A moment, longer after a reading that failed; answered by ``StreamHub/lookAround(_:)``.
    func lookLater(_ key: StreamKey, afterFailure: Bool)
    /// A moment in which others become due, or only a turn of the loop when serving them is under way; answered by
    /// ``StreamHub/serve(_:)``.
    func serveLater(_ key: StreamKey, isUnderWay: Bool)
}

/// Names a subscription of one hub where the subscription itself cannot go.
package struct SubscriptionID: Hashable, Sendable {
    let number: UInt64
}
