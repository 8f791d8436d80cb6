"""A fork made on the page: of what a flow is, and of what it was."""

import pytest

from api import Api
from page import Page
from waiting import until

CSV = "hostname,ip_address,operating_system,environment\n" + "".join(
    f"web-{n},10.0.0.{n},Ubuntu 22.04,production\n" for n in range(1, 40)
)


@pytest.fixture
def page(browser, artefacts, running):
    page = Page(browser, artefacts)
    page.open(running.url)
    page.sign_in("acme", running.login("admin"))
    yield page
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE" and "status of 4" not in line["message"]]
    assert not severe, severe


def start(running):
    """A discovery flow that waits for a person."""
    api = Api.signed_in(running, "admin")
    status, flow = api.call("POST", "/v1/flows", {"type": "discovery", "title": "Racks", "input": {"csv": CSV}})
    assert status == 201, flow
    until(lambda: api.get(f"/v1/flows/{flow['id']}")["status"] == "waiting", "the flow waits")
    return api, flow["id"]


def shown_flow(page, other):
    """The flow the address names, once it is not the other one."""
    script = "return location.hash.match(/[0-9a-f-]{36}/)?.[0]"
    return until(
        lambda: (found := page.driver.execute_script(script)) != other and found, "the address names another flow"
    )


def test_a_fork_asks_again_what_was_decided(page, running):
    api, first = start(running)
    page.open(f"{running.url}/#/flows/{first}")
    page.decide("confirm_mapping", "approve")
    page.find("prompt-card", step="review_changes", status="open", seconds=60)
    page.click("flow-fork")
    title = page.find("fork-title")
    assert title.get_attribute("value") == "Racks"
    title.clear()
    title.send_keys("Racks again")
    page.click("fork-again")
    page.screenshot("fork-dialog")
    page.click("fork-submit")

    second = shown_flow(page, first)
    page.find("prompt-card", step="confirm_mapping", status="open", seconds=60)
    page.screenshot("forked")
    made = api.get(f"/v1/flows/{second}")
    assert made["title"] == "Racks again"
    assert made["parent"]["flow_id"] == first
    page.click("flow-parent")
    page.wait_for("flow-status", "status", "waiting")
    assert page.driver.execute_script("return location.hash").startswith(f"#/flows/{first}?at={made['parent']['seq']}")
    assert api.get(f"/v1/flows/{first}")["status"] == "waiting"


def test_a_fork_of_what_was_begins_there(page, running):
    api, first = start(running)
    done = next(
        entry["seq"] for entry in api.events(first)
        if entry["event"] == {**entry["event"], "type": "STEP_FINISHED", "stepName": "validate_data"}
    )
    page.open(f"{running.url}/#/flows/{first}?at={done}")
    until(lambda: page.find("flow-fork").text == f"Fork at #{done}", "the fork is of what was")
    page.click("flow-fork")
    page.click("fork-submit")
    second = shown_flow(page, first)
    page.find("prompt-card", step="confirm_mapping", status="open", seconds=60)
    events = api.events(second)
    started = [entry["event"]["stepName"] for entry in events if entry["event"]["type"] == "STEP_STARTED"]
    assert "validate_data" not in started and "map_attributes" in started, started


def test_who_may_not_make_flows_sees_no_fork(browser, artefacts, running):
    _, first = start(running)
    page = Page(browser, artefacts)
    page.open(running.url)
    page.sign_in("acme", running.login("reviewer"))
    page.open(f"{running.url}/#/flows/{first}")
    page.wait_for("flow-status", "status", "waiting")
    assert not page.find("flow-fork").is_displayed()
