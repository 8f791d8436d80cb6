"""The HTTP interface, as a script would use it."""

import json
import urllib.error
import urllib.request


class Api:
    """Calls the server as one user."""

    def __init__(self, url, token=None):
        self.url = url
        self.token = token

    @classmethod
    def signed_in(cls, server, role, tenant="acme"):
        """A client that has signed in as the demo user of a role."""
        user = server.login(role, tenant)
        body = {"tenant": tenant, "email": user["email"], "password": user["password"]}
        status, answer = cls(server.url).call("POST", "/v1/auth/login", body)
        assert status == 200, answer
        return cls(server.url, answer["access_token"])

    def call(self, method, path, body=None, headers=None):
        """The status and the decoded answer."""
        request = urllib.request.Request(self.url + path, method=method, headers=headers or {})
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=20) as response:
                return response.status, self._decoded(response)
        except urllib.error.HTTPError as error:
            return error.code, self._decoded(error)

    def get(self, path):
        """The answer to a GET that must succeed."""
        status, answer = self.call("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def events(self, flow):
        """All events of a flow, in order: `[{"seq", "event"}, …]`."""
        events = []
        while True:
            after = events[-1]["seq"] if events else 0
            page = self.get(f"/v1/flows/{flow}/events?after={after}")["items"]
            if not page:
                return events
            events += page

    @staticmethod
    def _decoded(response):
        text = response.read()
        kind = response.headers.get("Content-Type", "")
        return json.loads(text) if text and "json" in kind else text
