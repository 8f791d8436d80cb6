"""What the database holds of one scenario, read in one snapshot."""

import json
from dataclasses import dataclass, field


@dataclass
class Stored:
    """Rows as objects. `events` are those of each flow in order, `prompts` and the others by prompt."""

    flows: dict = field(default_factory=dict)
    events: dict = field(default_factory=dict)
    prompts: dict = field(default_factory=dict)
    decisions: dict = field(default_factory=dict)
    audit: dict = field(default_factory=dict)

    @classmethod
    def read(cls, cluster, flows, sabotage=""):
        """`sabotage` is done first, in a transaction that never commits: so the judge can be judged."""
        ids = ", ".join(f"'{flow}'" for flow in flows)
        prompts = f"(SELECT id FROM signalbox.prompts WHERE flow_id IN ({ids}))"

        def rows(kind, table, condition, order):
            return f"SELECT '{kind}', row_to_json(r) FROM (SELECT * FROM signalbox.{table} WHERE {condition} " \
                f"ORDER BY {order}) r;"

        lines = cluster.sql("\n".join([
            "BEGIN ISOLATION LEVEL REPEATABLE READ;", sabotage,
            rows("flow", "flows", f"id IN ({ids})", "id"),
            rows("event", "flow_events", f"flow_id IN ({ids})", "flow_id, seq"),
            rows("prompt", "prompts", f"flow_id IN ({ids})", "id"),
            rows("decision", "decisions", f"prompt_id IN {prompts}", "prompt_id"),
            rows("audit", "audit_log", f"subject IN (SELECT 'prompt:' || id FROM {prompts} p)", "id"),
            "ROLLBACK;",
        ]))
        stored = cls(events={flow: [] for flow in flows})
        for line in lines.splitlines():
            kind, text = line.split("\t", 1)
            row = json.loads(text)
            if kind == "flow":
                stored.flows[row["id"]] = row
            elif kind == "event":
                stored.events[row["flow_id"]].append(row)
            elif kind == "prompt":
                stored.prompts[row["id"]] = row
            elif kind == "decision":
                stored.decisions.setdefault(row["prompt_id"], []).append(row)
            else:
                stored.audit.setdefault((row["action"], row["subject"].removeprefix("prompt:")), []).append(row)
        return stored
