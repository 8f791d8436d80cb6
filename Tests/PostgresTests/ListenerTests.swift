import Glibc
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresCluster.isAvailable, "PostgreSQL 15 is not installed"), .timeLimit(.minutes(1)))
struct ListenerTests {
    @Test func notificationsArriveAlsoAfterTheConnectionWasLost() async throws {
        let database = try Database.make()
        let client = database.client()
        let listener = PostgresListener(client)
        let (events, continuation) = AsyncStream.makeStream(of: PostgresListenerEvent.self)
        listener.start(setup: [PostgresStatement("LISTEN news")]) { continuation.yield($0) }
        var iterator = events.makeAsyncIterator()

        #expect(await iterator.next() == .connected)
        try await client.withConnection { _ = try await $0.query("SELECT pg_notify('news', 'first')") }
        #expect(await iterator.next() == .notification(channel: "news", payload: "first"))

        try database.terminateSessions()
        guard case .disconnected = await iterator.next() else {
            Issue.record("the end of the connection was not told")
            return
        }
        // Attempts may fail first; none of them is silent.
        var event = await iterator.next()
        while case .disconnected = event { event = await iterator.next() }
        #expect(event == .connected)
        try await client.withConnection { _ = try await $0.query("SELECT pg_notify('news', 'second')") }
        #expect(await iterator.next() == .notification(channel: "news", payload: "second"))

        await listener.close()
        try await client.withConnection { _ = try await $0.query("SELECT pg_notify('news', 'third')") }
        continuation.yield(.connected)
        #expect(await iterator.next() == .connected)
    }

    @Test func aServerThatStandsStillIsToldAndItsConnectionKept() async throws {
        let client = try Database.make().client()
        let listener = PostgresListener(client)
        let (events, continuation) = AsyncStream.makeStream(of: PostgresListenerEvent.self)
        let name = PostgresStatement("SELECT set_config('application_name', 'ear', false)")
        listener.start(setup: [name]) { continuation.yield($0) }
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .connected)
        let rows = try await client.withConnection {
            try await $0.query(
                """
                SELECT pid FROM pg_stat_activity
                WHERE application_name = 'ear' AND datname = current_database()
                """
            )
        }
        let process = pid_t(try #require(rows.first).int("pid"))
        kill(process, SIGSTOP)
        #expect(await iterator.next() == .silent)
        kill(process, SIGCONT)
        #expect(await iterator.next() == .answering)
        await listener.close()
    }

    @Test func aSetupThatFailsIsTold() async throws {
        let client = try Database.make().client()
        let listener = PostgresListener(client)
        let (events, continuation) = AsyncStream.makeStream(of: PostgresListenerEvent.self)
        listener.start(setup: [PostgresStatement("SELECT 1/0")]) { continuation.yield($0) }
        var iterator = events.makeAsyncIterator()
        guard case .disconnected(let error) = await iterator.next() else {
            Issue.record("the failure was not told")
            return
        }
        #expect(error.kind == .notReachable)
        await listener.close()
    }
}
