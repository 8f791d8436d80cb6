"""Webhooks of the real server: over TLS, with certificates that are checked, and through a crash."""

import pytest

from api import Api
from certificates import Authority
from receiver import Receiver
from waiting import until


@pytest.fixture
def authority(server):
    return Authority(server.folder)


def make(api, port, **members):
    status, webhook = api.call(
        "POST", "/v1/webhooks", {"url": f"https://localhost:{port}/in", "events": ["step.*"], **members}
    )
    assert status == 201, webhook
    return webhook


def step(api, flow, name):
    status, answer = api.call("POST", f"/v1/flows/{flow}/events", {"type": "STEP_STARTED", "stepName": name})
    assert status == 201, answer


def make_flow(api):
    status, flow = api.call("POST", "/v1/flows", {"type": "external"})
    assert status == 201, flow
    return flow["id"]


def test_what_was_committed_before_a_crash_is_told_after_it(server, authority):
    certificate = authority.issue("receiver", "DNS:localhost")
    receiver = Receiver(*certificate)
    arguments = ["--webhook-networks", "127.0.0.0/8", "--webhook-ca", str(authority.file)]
    server.start(*arguments)
    api = Api.signed_in(server, "admin")
    webhook = make(api, receiver.port)
    flow = make_flow(api)
    step(api, flow, "first")
    until(lambda: receiver.messages, "the first message has come")

    receiver.close()
    for number in range(5):
        step(api, flow, f"step {number}")
    server.kill()
    receiver_again = Receiver(*certificate, port=receiver.port)
    server.start(*arguments)
    # What the killed process had in its hands is free when its lease is over: a minute.
    until(lambda: len({message.id for message in receiver_again.messages}) == 5, "the others have come", 90)

    messages = receiver.messages + receiver_again.messages
    assert all(message.type == "step.started" for message in messages)
    assert all(message.is_signed_with(webhook["secret"]) for message in messages)
    assert not any(message.is_signed_with("whsec_bm90IGl0") for message in messages)
    receiver_again.close()


@pytest.mark.parametrize("trouble", ["unknown authority", "other name", "not public"])
def test_nobody_else_is_told(server, authority, trouble):
    names = "DNS:elsewhere.example" if trouble == "other name" else "DNS:localhost"
    receiver = Receiver(*authority.issue("receiver", names))
    arguments = []
    if trouble != "not public":
        arguments += ["--webhook-networks", "127.0.0.0/8"]
    if trouble != "unknown authority":
        arguments += ["--webhook-ca", str(authority.file)]
    server.start(*arguments)
    api = Api.signed_in(server, "admin")
    path = f"/v1/webhooks/{make(api, receiver.port)['id']}/deliveries"
    step(api, make_flow(api), "s")

    attempt = until(lambda: api.get(path)["items"][0]["last_attempt"], "an attempt has ended")
    assert attempt["status_code"] is None
    assert ("not one that may be connected to" if trouble == "not public" else "TLS failed") in attempt["error"]
    assert receiver.messages == []
    receiver.close()
