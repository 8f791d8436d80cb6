"""The page in a headless Chromium, by its test hooks."""

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from waiting import until


class Page:
    """What a person sees and does."""

    def __init__(self, driver, artefacts):
        self.driver = driver
        self.artefacts = artefacts

    def open(self, url):
        self.driver.get(url)

    def all(self, hook, **data):
        """All elements with a test hook and these data attributes."""
        conditions = "".join(f'[data-{name.replace("_", "-")}="{value}"]' for name, value in data.items())
        return self.driver.find_elements(By.CSS_SELECTOR, f'[data-testid="{hook}"]{conditions}')

    def find(self, hook, seconds=20, **data):
        """The first such element, waited for."""
        return until(lambda: next(iter(self.all(hook, **data)), None), f"{hook} {data} is on the page", seconds)

    def click(self, hook, **data):
        """Clicks as soon as the element can be clicked."""

        def clicked():
            try:
                element = next(iter(self.all(hook, **data)), None)
                if element is None or not element.is_displayed() or not element.is_enabled():
                    return False
                self._press(element)
                return True
            except StaleElementReferenceException:
                return False

        until(clicked, f"{hook} {data} can be clicked")

    def _press(self, element):
        """The driver scrolls no further than it must, which may be behind what stays at the top."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def data(self, hook, name):
        """A data attribute of the first such element; nothing when it is not there or just being replaced."""
        try:
            return next((element.get_attribute(f"data-{name}") for element in self.all(hook)), None)
        except StaleElementReferenceException:
            return None

    def wait_for(self, hook, name, *values, seconds=60):
        """Waits until a data attribute has one of these values."""
        return until(
            lambda: (value := self.data(hook, name)) in values and value,
            f"{hook} has {name} {' or '.join(values)}, but {self.data(hook, name)}",
            seconds,
        )

    def screenshot(self, name):
        self.driver.save_screenshot(str(self.artefacts / f"{name}.png"))

    def sign_in(self, tenant, user):
        for field, text in [("tenant", tenant), ("email", user["email"]), ("password", user["password"])]:
            element = self.find(f"login-{field}")
            element.clear()
            element.send_keys(text)
        self.click("login-submit")
        self.wait_for("connection-state", "state", "online")

    def upload(self, file):
        """Starts a discovery flow with a file; its id."""
        self.click("new-flow")
        self.find("upload-file").send_keys(str(file))
        self.click("upload-submit")
        self.find("flow-status", seconds=60)
        return until(
            lambda: self.driver.execute_script("return location.hash.match(/[0-9a-f-]{36}/)?.[0]"),
            "the address names the flow",
        )

    def decide(self, step, verb):
        """Decides the open prompt of a step."""
        card = self.find("prompt-card", step=step, status="open", seconds=120)
        self.screenshot(f"prompt-{step}")

        def clicked():
            try:
                button = card.find_element(By.CSS_SELECTOR, f'[data-testid="prompt-verb-{verb}"]')
                if not button.is_enabled():
                    return False
                self._press(button)
                return True
            except StaleElementReferenceException:
                return False

        until(clicked, f"{verb} of {step} can be clicked")
