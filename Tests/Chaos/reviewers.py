"""One who asks, and two who race to decide what was asked, each through their own node and in either way."""

import queue
import random
import threading

from ledger import DONE, REFUSED, Ask, Decided, meaning
from wire import Api, NoAnswer, NotSent, Socket

PATIENCE = 12.0
PAUSE = 0.25


class Asker(threading.Thread):
    """Opens prompts, each under a key that is sent until it is answered: however often, it is one prompt."""

    def __init__(self, work, nodes, reviewers):
        super().__init__(name="asker", daemon=True)
        self.work, self.reviewers = work, reviewers
        self.rng = random.Random(f"{work.seed} asker")
        self.apis = [Api(node.port, work.token("writer"), PATIENCE) for node in nodes]

    def run(self):
        number = 0
        while not self.work.ends.wait(self.rng.uniform(PAUSE / 2, PAUSE * 2)):
            number += 1
            ask = Ask(f"{self.work.mark}-ask-{number}", self.rng.choice(self.work.shared))
            self.work.ledger.asks.append(ask)
            prompt = self._ask(ask)
            for reviewer in self.reviewers if prompt else []:
                reviewer.prompts.put(prompt)
        for reviewer in self.reviewers:
            reviewer.prompts.put(None)

    def _ask(self, ask):
        draft = {"step": ask.key, "kind": "confirmation", "title": "Go on?", "allowed": ["approve", "reject"]}
        while not self.work.gives_up.is_set():
            try:
                answer = self.rng.choice(self.apis).call(
                    "POST", f"/v1/flows/{ask.flow}/prompts", draft, {"Idempotency-Key": ask.key})
            except (NotSent, NoAnswer):
                self.work.gives_up.wait(0.2)
                continue
            if answer.code is None:
                ask.prompts.add(answer.body["id"])
                # Once in a while the answer is asked for again although it came.
                if self.rng.random() < 0.7:
                    return answer.body
            elif meaning(answer) == REFUSED and answer.status != 503:
                return self.work.ledger.complain(f"the question {ask.key} was answered with {answer}")
            else:
                self.work.gives_up.wait(0.2)
        return None


class Reviewer(threading.Thread):
    """Decides every prompt, and sends a decision under the same key until the answer is final; then once more."""

    def __init__(self, work, name, verb, home, nodes):
        super().__init__(name=name, daemon=True)
        self.work, self.verb, self.home, self.nodes = work, verb, home, nodes
        self.rng = random.Random(f"{work.seed} {name}")
        self.prompts = queue.Queue()

    def run(self):
        while prompt := self.prompts.get():
            decided = Decided(prompt["id"], self.name, self.verb)
            self.work.ledger.decisions.append(decided)
            answer = self._decide(prompt, decided, self.home)
            if answer is None:
                continue
            decided.told = DONE if answer.code is None else REFUSED
            self.work.ledger.count(f"decision {answer.status} {answer.code or ''}".strip())
            if decided.told == DONE:
                decided.outcome = answer.body["outcome"]
                again = self._decide(prompt, decided, self.rng.choice(self.nodes))
                if again is not None and (again.code, again.body) != (answer.code, answer.body):
                    self.work.ledger.complain(
                        f"{self.name}'s decision of prompt {prompt['id']} was answered with {answer}, "
                        f"and under the same key with {again}")
            elif answer.code == "already_decided":
                decided.outcome = answer.body["outcome"]
            else:
                self.work.ledger.complain(f"{self.name}'s decision of prompt {prompt['id']}: {answer}")

    def _decide(self, prompt, decided, node):
        body = {
            "verb": self.verb, "shown_digest": prompt["shown_digest"], "idempotency_key": f"{prompt['id']} {self.name}",
        }
        while not self.work.gives_up.is_set():
            decided.attempts += 1
            try:
                answer = self._send(node, prompt["id"], body)
            except (NotSent, NoAnswer):
                answer = None
            if answer and (answer.code is None or meaning(answer) == REFUSED and answer.status != 503):
                return answer
            self.work.gives_up.wait(self.rng.uniform(0.05, 0.3))
            node = self.rng.choice(self.nodes)
        return None

    def _send(self, node, prompt, body):
        if self.rng.random() < 0.5:
            api = Api(node.port, self.work.token(self.name), PATIENCE)
            try:
                return api.call("POST", f"/v1/prompts/{prompt}/decision", body)
            finally:
                api.close()
        socket = Socket(node.port, self.work.token(self.name), PATIENCE)
        try:
            return socket.call("prompt.decide", {"prompt": prompt, **body})
        finally:
            socket.close()
