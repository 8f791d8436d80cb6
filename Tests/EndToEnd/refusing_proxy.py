"""A proxy as some companies have: it lets no WebSocket through, may hold back the bytes of streams, and may break."""

import contextlib
import socket
import threading


class RefusingProxy:
    """Passes HTTP on to a port. A handshake for another protocol is refused."""

    def __init__(self, port, holds_streams=False, cuts_answer_to=None):
        """`cuts_answer_to`: the end of a path; the first answer to a POST there loses its end, and its connection."""
        self.target = port
        self.holds_streams = holds_streams
        self.cuts_answer_to = cuts_answer_to
        self.refused = 0
        self.held = 0
        self.cut = 0
        self.passed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.sockets = set()
        self.thread = threading.Thread(target=self._accept)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in list(self.sockets):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.thread.join()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        self.sockets.add(client)
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(1 << 16)
                if not data:
                    return
                head += data
            # Browsers make a connection of its own for each WebSocket.
            if b"\r\nupgrade:" in head.lower():
                self.refused += 1
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                self.sockets.add(server)
                breaks = threading.Event()
                back = threading.Thread(target=self._pass_back, args=[server, client, breaks], daemon=True)
                back.start()
                data = head
                while data:
                    if self._is_marked(data):
                        if self.cut == 0:
                            breaks.set()
                        else:
                            self.passed += 1
                    server.sendall(data)
                    data = client.recv(1 << 16)
                server.shutdown(socket.SHUT_WR)
                back.join()
                self.sockets.discard(server)
        self.sockets.discard(client)

    def _is_marked(self, data):
        line = data.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        return self.cuts_answer_to and line[0] == "POST" and line[1].endswith(self.cuts_answer_to)

    def _pass_back(self, server, client, breaks):
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                # Some of the content must have come, or the browser itself would send the call again.
                if breaks.is_set() and not data.endswith(b"\r\n\r\n"):
                    client.sendall(data[:-1])
                    self.cut += 1
                    break
                if self.holds_streams and b"text/event-stream" in data:
                    self.held += 1
                    while server.recv(1 << 16):
                        pass
                    break
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
