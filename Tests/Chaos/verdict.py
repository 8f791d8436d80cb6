"""Compares what clients were told with what is stored. Every line of a verdict names both."""

import copy
import json
from collections import Counter, defaultdict

import document
from ledger import DONE, UNKNOWN

# How long a node may take to notice that the database is away.
NOTICE = 3.0


def judge(work, stored):
    """All that does not hold, in words."""
    folded = _Folded(work, stored)
    work.doubtful = Counter(
        (write.cause, bool(folded.tokens.get(write.token))) for write in work.ledger.writes if write.told == UNKNOWN)
    return [
        *work.ledger.complaints, *folded.faults, *_writes(work, stored, folded), *_shown(work, stored),
        *_questions(work, stored), *_decisions(work, stored), *_health(work), *_service(work),
    ]


class _Folded:
    """Each flow's log, walked from its first event: the state at its end, where each token came in, and whether the
    documents that watchers were given are what the log makes of them at that position."""

    def __init__(self, work, stored):
        self.faults, self.tokens, self.states = [], defaultdict(list), {}
        given = defaultdict(list)
        for shown in work.ledger.shown:
            if shown.document is not None and shown.stream.startswith("flow:"):
                given[shown.stream.removeprefix("flow:"), shown.seq].append(shown)
        for flow in work.flows:
            row, events = stored.flows.get(flow), stored.events[flow]
            if row is None:
                self.faults.append(f"flow {flow}, whose creation was acknowledged, is not stored")
                continue
            self._walk(row, events, given)

    def _walk(self, row, events, given):
        flow, state = row["id"], None
        seqs = [event["seq"] for event in events]
        if seqs != list(range(1, row["seq"] + 1)):
            wrong = next((at for at, seq in enumerate(seqs, 1) if at != seq), len(seqs) + 1)
            self.faults.append(
                f"flow {flow} is at {row['seq']} and has {len(seqs)} events, not 1, 2, 3 … from {wrong} on: "
                f"{seqs[max(0, wrong - 3):wrong + 2]}")
        for event in events:
            try:
                state = self._step(flow, state, event)
            except document.PatchFailed as error:
                self.faults.append(f"flow {flow}: event {event['seq']} does not fit the state before it: {error}")
            for shown in given[flow, event["seq"]]:
                if shown.document["state"] != state or shown.epoch != row["epoch"]:
                    self.faults.append(f"{shown.watcher} was given a document of flow {flow} at {shown.seq} that the "
                                       "log does not make")
        if state != row["state"]:
            self.faults.append(f"flow {flow}: its events make another state than is stored at {row['seq']}")
        last = next((event["digest"] for event in reversed(events) if event["digest"]), None)
        if last not in (None, document.digest(row["state"])):
            self.faults.append(
                f"flow {flow}: the last digest is {last}, that of its state {document.digest(row['state'])}")

    def _step(self, flow, state, row):
        event = row["event"]
        if event["type"] == "STATE_SNAPSHOT":
            return copy.deepcopy(event["snapshot"])
        if event["type"] == "STATE_DELTA":
            for operation in event["delta"]:
                if operation["path"].startswith("/w/"):
                    self.tokens[operation["path"].removeprefix("/w/")].append((flow, row["seq"], row["digest"]))
            return document.apply(state, event["delta"])
        return state


def _writes(work, stored, folded):
    """An acknowledged write is there once; a refused one is nowhere; one with an unknown outcome at most once."""
    known = {write.token: write for write in work.ledger.writes}
    for write in known.values():
        places = folded.tokens[write.token]
        in_states = [flow for flow, row in stored.flows.items() if write.token in row["state"]["w"]]
        found = f"it is in events {places} and in the states of {in_states}"
        if write.is_doomed and (write.told == DONE or places or in_states):
            yield f"{write}, which must fail by its own test, {found}"
        elif write.told == DONE:
            if places != [(write.flow, write.seq, write.digest or (places[0][2] if places else None))]:
                yield f"{write} at {write.seq} with digest {write.digest}; {found}"
            elif in_states != [write.flow]:
                yield f"{write} at {write.seq}; {found}"
        elif write.told == UNKNOWN:
            if len(places) > 1 or len(in_states) != len(places):
                yield f"{write}; {found}"
        elif places or in_states:
            yield f"{write}; {found}"
    for token, places in list(folded.tokens.items()):
        if token not in known:
            yield f"token {token} is in events {places}, and nobody wrote it"


def _shown(work, stored):
    """What was shown was committed, with the same position and content. Gaps are noted by the watchers themselves."""
    for shown in work.ledger.shown:
        if not shown.stream.startswith("flow:") or shown.document is not None:
            continue
        flow = shown.stream.removeprefix("flow:")
        rows = stored.events[flow][max(shown.since, 0):shown.seq]
        where = f"{shown.watcher} was shown {shown.since + 1} to {shown.seq} of flow {flow}"
        if [row["seq"] for row in rows] != list(range(shown.since + 1, shown.seq + 1)):
            yield f"{where}: {_words(shown)}; stored are {[row['seq'] for row in rows]}"
        elif len(rows) == 1:
            told = (shown.event, shown.patch, shown.digest)
            kept = tuple(rows[0][name] for name in ("event", "patch", "digest"))
            if told != kept:
                yield f"{where}: {_words(shown)}; stored is {json.dumps(kept)[:400]}"
        else:
            hidden = [row["seq"] for row in rows if row["event"].get("name", "").startswith("signalbox.prompt.")]
            if hidden:
                yield f"{where} as one, but {hidden} are about prompts, which are told one by one"
            digest = next((row["digest"] for row in reversed(rows) if row["digest"]), None)
            if shown.digest not in (None, digest):
                yield f"{where} with digest {shown.digest}; stored is {digest}"


def _words(shown):
    return json.dumps([shown.event, shown.patch, shown.digest])[:400]


def _questions(work, stored):
    """A question is one prompt, however often it was sent."""
    by_step = defaultdict(list)
    for prompt in stored.prompts.values():
        by_step[prompt["step"]].append(prompt["id"])
    for ask in work.ledger.asks:
        kept = by_step.pop(ask.key, [])
        if len(kept) > 1 or ask.prompts - set(kept) or (ask.prompts and len(ask.prompts) != 1):
            yield f"question {ask.key}: told prompts {sorted(ask.prompts)}, stored {kept}"
    for step, kept in by_step.items():
        yield f"prompts {kept} of step {step} are stored, and nobody asked"


def _decisions(work, stored):
    """One winner, who is in the prompt, the decision, the audit log and the events; the other was told who won."""
    decided_events = defaultdict(int)
    for events in stored.events.values():
        for row in events:
            if row["event"].get("name") == "signalbox.prompt.decided":
                decided_events[row["event"]["value"]["id"]] += 1
    told = defaultdict(list)
    for decided in work.ledger.decisions:
        told[decided.prompt].append(decided)
    for prompt, row in stored.prompts.items():
        kept, audit = stored.decisions.get(prompt, []), stored.audit.get(("prompt.decided", prompt), [])
        winners = [decided for decided in told[prompt] if decided.told == DONE]
        words = f"prompt {prompt}: told {[(d.reviewer, d.told, d.attempts) for d in told[prompt]]}; stored status " \
            f"{row['status']} by {row['decided_by']} {row['verb']}, {len(kept)} decisions, {len(audit)} audit lines, " \
            f"{decided_events[prompt]} events"
        expected = 1 if row["status"] == "decided" else 0
        if (len(kept), len(audit), decided_events[prompt]) != (expected,) * 3:
            yield words
        elif len(winners) > 1 or (winners and not expected):
            yield words
        elif len(stored.audit.get(("prompt.opened", prompt), [])) != 1:
            yield f"{words}; it was opened {len(stored.audit.get(('prompt.opened', prompt), []))} times"
        for decided in told[prompt]:
            if decided.outcome is None:
                continue
            # The winner's own name is in its answer, and the winner's in the loser's.
            said = (decided.outcome["by"], decided.outcome["verb"])
            if said != (row["decided_by"], row["verb"]) or (decided.told == DONE) != (said[0] == [decided.reviewer]):
                yield f"{words}; {decided.reviewer} was told that {said[0]} decided {said[1]}"
            if kept and decided.told == DONE and kept[0]["answer"]["outcome"] != decided.outcome:
                yield f"{words}; the winner was told {decided.outcome}, kept is {kept[0]['answer']['outcome']}"
        if len(told[prompt]) == 2 and not winners and all(decided.told != UNKNOWN for decided in told[prompt]):
            yield f"{words}; both lost"


def _health(work):
    """A node is not ready while the database cannot be reached."""
    for begin, end in work.outages:
        for node, asked, answered, status in work.ledger.health:
            if status == 200 and asked > begin + NOTICE and answered < end:
                yield f"node {node} said that it is ready {asked - begin:.1f} s after the database went away, " \
                    f"{end - answered:.1f} s before it came back"
                break


def _service(work):
    """Who watches is told that what is shown may be old, and when it no longer is."""
    for begin, end in work.outages:
        if end - begin < NOTICE + 1:
            continue
        # One that wanders asks for documents all the time, and reads nothing else until it is answered.
        for watcher in (watcher for watcher in work.watchers if not watcher.wanders):
            told = [
                (when, status) for name, when, status in work.ledger.service if name == watcher.name and when > begin
            ]
            bad = [when for when, status in told if status == "degraded" and when < begin + NOTICE + 1]
            if not bad or not any(status == "ok" and when > end for when, status in told):
                yield f"{watcher.name} was told {[(round(when - begin, 1), status) for when, status in told]} " \
                    f"of an outage of {end - begin:.1f} s"
