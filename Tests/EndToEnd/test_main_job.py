"""The main job in a browser: upload, watch, decide, lose the server twice, and find nothing lost."""

import collections
import subprocess

import pytest

from api import Api
from page import Page
from waiting import until

ROWS = 20_000
STEPS = [
    "initialize_discovery", "validate_data", "map_attributes", "confirm_mapping", "cleanse_data", "review_changes",
    "build_inventory",
]


@pytest.fixture
def sample(binary, server):
    """A messy export, large enough for a step to be caught in the middle."""
    path = server.folder / "export.csv"
    with open(path, "w") as file:
        subprocess.run([binary, "sample", "--rows", str(ROWS), "--seed", "7"], stdout=file, check=True)
    return path


@pytest.fixture
def page(browser, artefacts, request):
    """The page; leaves a last picture and the browser's log when the test fails."""
    page = Page(browser, artefacts)
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        page.screenshot(f"{request.node.name}-at-the-end")
        (artefacts / f"{request.node.name}.log").write_text("\n".join(str(line) for line in browser.get_log("browser")))


def crash_and_return(server, page):
    """Kills the server, starts it again on the same port and data, and waits for the very same page to be back."""
    server.kill()
    page.wait_for("connection-state", "state", "offline", "connecting")
    page.screenshot("offline")
    server.start()
    page.wait_for("connection-state", "state", "online")
    assert page.driver.execute_script("return window.notReloaded") == "still here", "the page was reloaded"


def test_the_main_job_survives_two_crashes(server, page, sample):
    server.start()
    page.open(server.url)
    page.sign_in("acme", server.login("admin"))
    page.screenshot("flows")
    page.driver.execute_script("window.notReloaded = 'still here'")
    flow = page.upload(sample)
    page.screenshot("running")

    page.decide("confirm_mapping", "approve")
    page.wait_for("step-cleanse_data", "status", "running", "done", seconds=30)
    crash_and_return(server, page)

    page.decide("review_changes", "approve")
    page.wait_for("step-build_inventory", "status", "running", "done", seconds=30)
    crash_and_return(server, page)

    page.wait_for("flow-status", "status", "succeeded", seconds=120)
    page.screenshot("succeeded")
    page.click("nav-assets")
    page.find("asset-row", seconds=30)
    page.screenshot("inventory")
    page.click("nav-flows")
    page.find("flow-row", flow_id=flow, status="succeeded")

    nothing_was_lost_or_done_twice(Api.signed_in(server, "admin"), flow)
    another_tenant_sees_nothing(Api.signed_in(server, "admin", "globex"), flow)


def nothing_was_lost_or_done_twice(api, flow):
    events = api.events(flow)
    assert [entry["seq"] for entry in events] == list(range(1, len(events) + 1)), "the log has gaps"
    # What the journal became with each event: a step that was cut off ends, too, and is begun again.
    done = collections.Counter(step for entry in events for step in became_done(entry.get("patch") or []))
    assert all(count == 1 for count in done.values()) and set(STEPS) <= set(done), done
    begun, ended = (
        collections.Counter(entry["event"]["stepName"] for entry in events if entry["event"]["type"] == kind)
        for kind in ("STEP_STARTED", "STEP_FINISHED")
    )
    assert begun == ended, (begun, ended)
    prompts = [prompt for prompt in api.get("/v1/prompts?limit=100")["items"] if prompt["flow_id"] == flow]
    assert not [prompt for prompt in prompts if prompt["status"] in ("open", "claimed")]
    first = api.get(f"/v1/assets?flow={flow}&limit=100")["items"]
    assert first
    assert len({asset["id"] for asset in first}) == len(first)


def became_done(patch):
    """The steps that a change of the document makes done: it replaces all of them, one, or the status of one."""
    for operation in patch:
        place, value = operation["path"].split("/")[1:], operation.get("value")
        if place[:2] != ["flow", "steps"]:
            continue
        rows = value if len(place) == 2 else {place[2]: value} if len(place) == 3 else {}
        if len(place) == 4 and place[3] == "status":
            rows = {place[2]: {"status": value}}
        yield from (step for step, row in rows.items() if row and row["status"] == "done")


def another_tenant_sees_nothing(api, flow):
    assert api.get(f"/v1/assets?flow={flow}")["items"] == []
    missing = "00000000-0000-7000-8000-000000000000"
    status, answer = api.call("GET", f"/v1/flows/{flow}")
    unknown_status, unknown = api.call("GET", f"/v1/flows/{missing}")
    assert (status, unknown_status) == (404, 404)
    assert str(answer).replace(flow, missing) == str(unknown)


def test_two_tabs_stay_consistent(server, page, sample):
    server.start()
    page.open(server.url)
    page.sign_in("acme", server.login("admin"))
    flow = page.upload(sample)
    first = page.driver.current_window_handle
    page.find("prompt-card", step="confirm_mapping", status="open", seconds=120)
    address = page.driver.current_url
    page.driver.switch_to.new_window("tab")
    second = page.driver.current_window_handle
    page.open(address)
    page.decide("confirm_mapping", "approve")
    for tab in [second, first]:
        page.driver.switch_to.window(tab)
        until(
            lambda: not page.all("prompt-card", step="confirm_mapping", status="open"),
            "the decided prompt is open no longer",
            30,
        )
    page.click("nav-flows")
    page.find("flow-row", flow_id=flow)
    page.click("sign-out")
    page.find("login-submit")
    page.driver.switch_to.window(second)
    page.find("login-submit", seconds=30)
