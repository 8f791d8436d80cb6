"""A proxy as some companies have: it lets no WebSocket through, and may hold back the bytes of streams."""

import contextlib
import socket
import threading


class RefusingProxy:
    """Passes HTTP on to a port. A handshake for another protocol is refused."""

    def __init__(self, port, holds_streams=False):
        self.target = port
        self.holds_streams = holds_streams
        self.refused = 0
        self.held = 0
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
                server.sendall(head)
                back = threading.Thread(target=self._pass_back, args=[server, client], daemon=True)
                back.start()
                while data := client.recv(1 << 16):
                    server.sendall(data)
                server.shutdown(socket.SHUT_WR)
                back.join()
                self.sockets.discard(server)
        self.sockets.discard(client)

    def _pass_back(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if self.holds_streams and b"text/event-stream" in data:
                    self.held += 1
                    while server.recv(1 << 16):
                        pass
                    break
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
