package import Domain

/// One document that can be watched: a stream of a tenant as one kind of subscriber sees it.
package struct StreamKey: Hashable, Sendable {
    package let tenant: TenantID
    package let stream: StreamName
    /// What is seen of a live list; nil for a flow.
    package let filter: ViewFilter?

    /// Creates the value.
    package init(tenant: TenantID, stream: StreamName, filter: ViewFilter?) {
        self.tenant = tenant
        self.stream = stream
        self.filter = filter
    }
}

extension AttachRequest {
    /// The document it asks for.
    package var key: StreamKey { StreamKey(tenant: tenant, stream: stream, filter: filter) }
}
