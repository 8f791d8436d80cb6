"""The page in a flow's past: the slider, the address, differences, and what is gone."""

import subprocess
import urllib.parse

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from page import Page
from waiting import until

PSQL = "/usr/lib/postgresql/15/bin/psql"


class TravellingPage(Page):
    """The page of one flow."""

    def __init__(self, driver, artefacts, server, flow):
        super().__init__(driver, artefacts)
        self.address = f"{server.url}/#/flows/{flow}"
        self.open(server.url)
        self.sign_in("acme", server.login("admin"))

    def go(self, query=""):
        self.open(self.address + query)

    def text(self, selector):
        """The text of the first such element that is shown."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].find((e) => e.checkVisibility())?.textContent", selector
        )

    def has(self, selector, *texts):
        """Waits until the text of an element has all of these."""
        until(
            lambda: (found := self.text(selector)) is not None and all(text in found for text in texts),
            lambda: f"{selector} has {texts}, but {self.text(selector)!r}",
        )

    def is_at(self, query):
        """Waits until the address names this place."""
        until(
            lambda: self.driver.current_url == self.address + query,
            lambda: f"the address ends in {query!r}, but it is {self.driver.current_url}",
        )

    def press(self, *keys):
        self.find("travel-slider").send_keys(*keys)


@pytest.fixture
def page(browser, artefacts, running, followed):
    page = TravellingPage(browser, artefacts, running, followed.id)
    yield page
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE" and "status of 4" not in line["message"]]
    assert not severe, severe


def test_the_slider_shows_what_was_while_live_goes_on(page, followed):
    for n in range(1, 11):
        followed.set("n", n)
    page.go()
    page.has(".position", "live at #11")
    page.has(".tree", "n10")
    page.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    page.has(".position", "as it was at #9")
    page.has(".tree", "n8")
    page.has('[data-testid="travel-position"]', "#9 of 11")
    page.is_at("?at=9")
    rows = page.driver.find_elements(By.CSS_SELECTOR, ".flow-columns .event-seq")
    assert [row.text for row in rows] == [str(seq) for seq in range(9, 0, -1)]
    valuetext = page.find("travel-slider").get_attribute("aria-valuetext")
    assert valuetext.startswith("#9 of 11, ") and valuetext.endswith("STATE_DELTA /n"), valuetext

    followed.set("n", "later")
    page.has('[data-testid="travel-live"]', "Back to live (#12)")
    assert "n8" in page.text(".tree")
    page.click("travel-live")
    page.has(".position", "live at #12")
    page.has(".tree", 'n"later"')
    page.is_at("")


def test_a_place_and_a_difference_can_be_shared(page, followed):
    for name, value in [("n", 1), ("note", "first"), ("n", 2), ("note", "second")]:
        followed.set(name, value)
    page.go("?at=4&from=2")
    page.has(".position", "as it was at #4")
    page.has('[data-testid="diff-summary"]', "2 changes of the state", "0 changes of the flow", "2 events in between")
    lines = [line.text.split("\n") for line in page.all("change")]
    assert [("n" in line, "note" in line) for line in lines] == [(True, False), (False, True)], lines
    page.has(".changes", "1→2", '""→"first"')

    # The second position is the one that is shown, the first may be any.
    page.press(Keys.ARROW_RIGHT)
    page.is_at("?from=2")
    page.has('[data-testid="diff-summary"]', "3 events in between")
    page.has(".changes", '""→"second"')
    field = page.find("diff-from")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("5", Keys.ENTER)
    page.has('[data-testid="diff-summary"]', "Nothing is different", "0 events in between")
    page.click("diff-close")
    page.is_at("")
    # A link within the page leads to another place of it without loading anything anew.
    page.driver.execute_script("window.notReloaded = true")
    page.driver.find_element(By.LINK_TEXT, "2").click()
    page.has(".position", "as it was at #2")
    assert page.driver.execute_script("return window.notReloaded") is True


def test_prompts_are_read_as_they_were_and_not_decided(page, followed):
    asked = followed.ask()
    page.go()
    card = page.find("prompt-card", step="s", status="open")
    assert card.find_elements(By.CSS_SELECTOR, "button")
    page.decide("s", "approve")
    until(lambda: not page.all("prompt-card", step="s", status="open"), "the prompt is decided")
    followed.set("n", 1)
    milestones = followed.api.get(f"/v1/flows/{followed.id}/milestones")["items"]
    decided = next(item["seq"] for item in milestones if item["kind"] == "prompt.decided")

    page.go(f"?at={asked}")
    page.has(".position", f"as it was at #{asked}")
    shown = [card for card in page.all("prompt-card", step="s", status="open") if card.is_displayed()]
    assert len(shown) == 1
    assert not shown[0].find_elements(By.CSS_SELECTOR, "button")
    assert not page.all("flow-cancel")[0].is_displayed()
    page.has('[data-testid="past-notice"]', f"how it was at #{asked}")

    page.find("travel-group").send_keys("prompts")
    page.click("travel-forward")
    page.has('[data-testid="travel-position"]', f"#{decided} of")
    page.has(".travel-event", "Prompt decided: Go on?")
    until(lambda: not [card for card in page.all("prompt-card") if card.is_displayed()], "no prompt was open then")


def test_play_goes_through_to_the_present(page, followed):
    for n in range(1, 6):
        followed.set("n", n)
    page.go("?at=2")
    page.has(".position", "as it was at #2")
    page.click("travel-play")
    page.has(".position", "live at #6")
    page.is_at("")
    assert page.find("travel-play").get_attribute("aria-label") == "Play"


def test_what_is_gone_or_has_not_come_is_said_kindly(page, followed, running):
    for n in range(1, 9):
        followed.set("n", n)
    page.go("?at=4000")
    page.has('[data-testid="past-notice"]', "has not come to #4,000 yet: it is at #9")
    assert page.text(".tree") is None, "nothing of another time is shown"

    # As if days had passed, of which nothing is kept.
    database = urllib.parse.urlsplit((running.data / "database_url").read_text().strip())
    statement = f"DELETE FROM signalbox.flow_events WHERE flow_id = '{followed.id}' AND seq < 6"
    socket = urllib.parse.parse_qs(database.query)["host"][0]
    subprocess.run(
        [PSQL, "-X", "-q", "-h", socket, "-U", "postgres", "-d", database.path[1:], "-v", "ON_ERROR_STOP=1", "-c", statement],
        check=True,
    )
    page.go("?at=3")
    page.has('[data-testid="past-notice"]', "What this flow was at #3 is no longer kept", "known from #9 on")
    page.screenshot("gone")
    page.driver.find_element(By.XPATH, "//sb-past-notice/button[text()='Back to live']").click()
    page.has(".position", "live at #9")
    page.is_at("")
