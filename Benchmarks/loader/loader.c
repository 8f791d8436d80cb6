// loader.c - what libpq alone reaches with the two statements of a commit: the new states, then the events, in one pipeline
// with one sync. Nothing is checked, computed or told to anybody.  loader CONNINFO TENANT BATCH STATE_BYTES SECONDS
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLOWS 1000

static PGconn *connection;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, PQerrorMessage(connection));
    exit(1);
}

static void run(const char *sql) {
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) fail(sql);
    PQclear(result);
}

static void prepare(const char *name, const char *sql) {
    PGresult *result = PQprepare(connection, name, sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(sql);
    PQclear(result);
}

int main(int count, char **arguments) {
    if (count != 6) return 2;
    const char *tenant = arguments[2];
    int batch = atoi(arguments[3]), bytes = atoi(arguments[4]);
    double seconds = atof(arguments[5]);
    connection = PQconnectdb(arguments[1]);
    if (PQstatus(connection) != CONNECTION_OK) fail("connect");
    char sql[1024];
    snprintf(sql, sizeof sql, "SELECT set_config('app.tenant_id', '%s', false)", tenant);
    run("SET ROLE signalbox_app");
    run("SET plan_cache_mode = force_generic_plan");
    run(sql);
    snprintf(sql, sizeof sql,
             "INSERT INTO signalbox.flows (tenant_id, id, type, title, status, state, metadata, seq, epoch, created_by, created_at,"
             " updated_at) SELECT '%s', gen_random_uuid(), 'external', 'loader', 'running', '{}', '{}', 0, 'e', 'loader', now(), now()"
             " FROM generate_series(1, %d) RETURNING id", tenant, FLOWS);
    PGresult *flows = PQexec(connection, sql);
    if (PQresultStatus(flows) != PGRES_TUPLES_OK) fail("flows");
    prepare("states",
            "UPDATE signalbox.flows f SET state = c.state::json, seq = c.seq, updated_at = now()"
            " FROM unnest($2::uuid[], $3::bigint[], $4::text[]) AS c (id, seq, state) WHERE f.tenant_id = $1 AND f.id = c.id");
    prepare("events",
            "INSERT INTO signalbox.flow_events (tenant_id, flow_id, seq, event, digest, bytes, actor, at)"
            " SELECT $1::uuid, e.flow_id, e.seq, e.event::json, '0123456789abcdef', 100, 'loader', now()"
            " FROM unnest($2::uuid[], $3::bigint[], $4::text[]) AS e (flow_id, seq, event)");

    size_t room = (size_t)batch * (bytes + 300) + 100;
    char *ids = malloc(room), *positions = malloc(room), *states = malloc(room), *events = malloc(room);
    long sequence[FLOWS] = {0}, patches = 0;
    int next = 0;
    PQenterPipelineMode(connection);
    double start = now();
    while (now() - start < seconds) {
        char *id = ids, *position = positions, *state = states, *event = events;
        for (int index = 0; index < batch; index++, next = (next + 1) % FLOWS) {
            char comma = index ? ',' : '{';
            long seq = ++sequence[next];
            id += sprintf(id, "%c%s", comma, PQgetvalue(flows, next, 0));
            position += sprintf(position, "%c%ld", comma, seq);
            state += sprintf(state, "%c\"{\\\"n\\\":%ld,\\\"pad\\\":\\\"%0*d\\\"}\"", comma, seq, bytes, 7);
            event += sprintf(event, "%c\"{\\\"type\\\":\\\"STATE_DELTA\\\",\\\"delta\\\":[{\\\"op\\\":\\\"replace\\\","
                                    "\\\"path\\\":\\\"/n\\\",\\\"value\\\":%ld}],\\\"timestamp\\\":1795860000000}\"", comma, seq);
        }
        strcpy(id, "}"), strcpy(position, "}"), strcpy(state, "}"), strcpy(event, "}");
        const char *first[] = {tenant, ids, positions, states}, *second[] = {tenant, ids, positions, events};
        PQsendQueryPrepared(connection, "states", 4, first, NULL, NULL, 0);
        PQsendQueryPrepared(connection, "events", 4, second, NULL, NULL, 0);
        PQpipelineSync(connection);
        for (int isDone = 0; !isDone;) {
            PGresult *result = PQgetResult(connection);
            if (!result) continue;
            ExecStatusType status = PQresultStatus(result);
            if (status == PGRES_PIPELINE_SYNC) isDone = 1;
            else if (status != PGRES_COMMAND_OK) fail("commit");
            PQclear(result);
        }
        patches += batch;
    }
    printf("libpq alone, %d a commit, %d bytes: %.0f patches/s\n", batch, bytes, patches / (now() - start));
}
