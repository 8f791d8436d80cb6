import Domain
import Postgres

extension PostgresStore {
    /// Names the running database: server, start of the server, and database.
    ///
    /// Two clients get the same name exactly when they are connected to the same database of the same running server, whatever
    /// it is called and however it is reached. A copy has another name, however it was made: a dump is restored by another
    /// server, and what was copied file by file (a snapshot, a replica that was promoted) has the identifier of its original
    /// but was started by itself.
    /// - Throws: ``StoreError`` when the database does not answer.
    public func instanceName() async throws -> String {
        do { return try await Self.instanceName(client) } catch let error as PostgresError { throw error.forStore }
    }

    static func instanceName(_ client: PostgresClient) async throws -> String {
        let rows = try await client.withConnection { session in
            try await session.query(
                """
                SELECT concat_ws(':', c.system_identifier, d.oid,
                    (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint) AS name
                FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()
                """
            )
        }
        guard let row = rows.first else { throw StoreError.unavailable("the database does not name itself") }
        return try row.string("name")
    }
}
