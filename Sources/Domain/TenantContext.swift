/// For whom the current task works.
///
/// It is set in the few places where that is known for certain: where a caller has proved who they are, where work of a tenant
/// is taken up. All that is read and written below belongs to that tenant, and no call below can name another one. A task that
/// is started on a worker begins without a context.
public enum TenantContext {
    @TaskLocal private static var bound: TenantID?

    /// The tenant.
    /// - Throws: ``NoTenant``.
    public static var current: TenantID {
        get throws(NoTenant) {
            guard let bound else { throw NoTenant() }
            return bound
        }
    }

    /// Runs `body`, and all that it awaits and its child tasks, for `tenant`.
    public static func with<Result>(_ tenant: TenantID, _ body: () async throws -> Result) async rethrows -> Result {
        try await $bound.withValue(tenant, operation: body)
    }
}

/// Nobody said for whom the database was to be used: a mistake of the program.
public struct NoTenant: Error, Equatable, CustomStringConvertible {
    /// One sentence.
    public var description: String { "the database was used outside a tenant's context" }
}
