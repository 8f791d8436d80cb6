"""A receiver of webhooks that speaks TLS, in this process."""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading


class Receiver:
    """Takes messages on a port of its own, and may go away and come back."""

    def __init__(self, certificate, key, port=0):
        self.messages = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            # Each connection ends with its answer, so that a receiver that is closed hears nothing more.
            protocol_version = "HTTP/1.0"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append(Message({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Web(http.server.ThreadingHTTPServer):
            daemon_threads = True

            # A client that refuses our certificate is no fault of this server.
            def handle_error(self, request, address):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = Web(("127.0.0.1", port), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()


class Message:
    """One message as it came."""

    def __init__(self, headers, body):
        self.headers = headers
        self.body = body
        self.id = headers["webhook-id"]
        self.type = json.loads(body)["type"]

    def is_signed_with(self, secret):
        """Checks the signature as the specification says, with nothing of ours."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return wanted in self.headers["webhook-signature"].split(" ")
