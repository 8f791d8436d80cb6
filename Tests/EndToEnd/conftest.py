"""What the end-to-end tests share: the binary, a server, a browser."""

import os
import pathlib

import pytest

from api import Api
from followed_flow import FollowedFlow
from server import Server

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def binary():
    """The executable under test: SIGNALBOX_BINARY, else the debug build."""
    path = pathlib.Path(os.environ.get("SIGNALBOX_BINARY", REPOSITORY / ".build/debug/signalbox")).resolve()
    assert os.access(path, os.X_OK), f"there is no executable {path}; build it, or set SIGNALBOX_BINARY"
    return str(path)


@pytest.fixture
def server(binary):
    """A server with a fresh data folder; not started yet."""
    server = Server(binary)
    yield server
    server.close()


@pytest.fixture(scope="module")
def running(binary):
    """A started server, shared by the tests of a file."""
    server = Server(binary).start()
    yield server
    server.close()


@pytest.fixture
def followed(running):
    """A flow of its own for each test, on the server that the tests of a file share."""
    return FollowedFlow(Api.signed_in(running, "admin"))


@pytest.fixture(scope="session")
def artefacts():
    """Where screenshots and logs are kept."""
    folder = REPOSITORY / ".build" / "end-to-end"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def browser(artefacts):
    """Debian's Chromium, headless."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--window-size=1400,1000", "--disable-dev-shm-usage", "--disable-gpu"]:
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service("/usr/bin/chromedriver", log_path=str(artefacts / "chromedriver.log"))
    driver = webdriver.Chrome(service=service, options=options)
    yield driver
    driver.quit()
