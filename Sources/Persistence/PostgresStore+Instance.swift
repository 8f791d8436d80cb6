import Domain
import Postgres

extension PostgresStore {
    /// Names the running database: server, start of the server, and database.
    ///
    /// Two processes get the same name exactly when they are connected to the same database of the same running server. A copy
    /// has another name, however it was made: a dump is restored by another server, and what was copied file by file (a
    /// snapshot, a replica that was promoted) has the identifier of its original but was started by itself.
    /// - Throws: ``StoreError`` when the database does not answer.
    public func instanceName() async throws -> String {
        do {
            return try await client.withConnection { session in
                let rows = try await session.query(
                    """
                    SELECT concat_ws(':', c.system_identifier, d.oid,
                        (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint) AS name
                    FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()
                    """
                )
                guard let row = rows.first else { throw StoreError.unavailable("it does not name itself") }
                return try row.string("name")
            }
        } catch let error as PostgresError {
            throw error.forStore
        }
    }
}
