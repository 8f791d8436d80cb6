"""Damage that the verdict must find: done to the rows it reads, in a transaction that never commits."""

FLOWS = "(SELECT id FROM signalbox.flows WHERE title LIKE 'calm %')"
# The audit log refuses changes, foreign keys some of the others.
UNGUARDED = "SET LOCAL session_replication_role = replica;"

ALL = {
    "an event is missing":
        f"DELETE FROM signalbox.flow_events WHERE (flow_id, seq) IN "
        f"(SELECT flow_id, max(seq) - 1 FROM signalbox.flow_events WHERE flow_id IN {FLOWS} GROUP BY 1 LIMIT 1)",
    "the last event is missing":
        f"DELETE FROM signalbox.flow_events WHERE (flow_id, seq) IN "
        f"(SELECT id, seq FROM signalbox.flows WHERE id IN {FLOWS} LIMIT 1)",
    "an event is another than was shown":
        f"UPDATE signalbox.flow_events SET digest = '0000000000000000' WHERE (flow_id, seq) IN "
        f"(SELECT id, seq - 1 FROM signalbox.flows WHERE id IN {FLOWS} LIMIT 1)",
    "a token is not in the state":
        "UPDATE signalbox.flows SET state = (state::jsonb #- ARRAY['w', (SELECT min(k) FROM "
        f"jsonb_object_keys(state::jsonb -> 'w') k)])::json WHERE id IN (SELECT id FROM {FLOWS} f LIMIT 1)",
    "a commit is undone":
        f"WITH last AS (SELECT id, seq FROM signalbox.flows WHERE id IN {FLOWS} LIMIT 1), gone AS (DELETE FROM "
        "signalbox.flow_events e USING last WHERE (e.flow_id, e.seq) = (last.id, last.seq)) "
        "UPDATE signalbox.flows f SET seq = f.seq - 1 FROM last WHERE f.id = last.id",
    "a decision is made twice":
        "INSERT INTO signalbox.decisions SELECT tenant_id, prompt_id, idempotency_key || '2', body_digest, decided_by, "
        "answer, at FROM signalbox.decisions ORDER BY at DESC LIMIT 1",
    "a decision is not in the audit log":
        "DELETE FROM signalbox.audit_log WHERE id = "
        "(SELECT max(id) FROM signalbox.audit_log WHERE action = 'prompt.decided')",
    "the other reviewer has won":
        "UPDATE signalbox.prompts SET decided_by = ARRAY[CASE decided_by[1] WHEN 'alice' THEN 'bob' ELSE 'alice' END] "
        "WHERE id = (SELECT id FROM signalbox.prompts WHERE status = 'decided' ORDER BY decided_at DESC LIMIT 1)",
}
