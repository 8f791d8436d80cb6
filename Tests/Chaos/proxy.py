"""The network between the nodes and Postgres, which can stall, break, and lead elsewhere."""

import selectors
import socket
import struct
import threading
import traceback

# How Postgres says that a commit has happened: the tag of its CommandComplete.
COMMITTED = b"COMMIT\0"
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Passes TCP on to a port of this machine. One thread; every fault is asked for by others and done by it."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.pairs = {}
        self.server_ends = set()
        self.passing = threading.Event()
        self.passing.set()
        self.forgotten = []
        self.swallowed = set()
        self.refuses = False
        self.commits_to_lose = 0
        self.messages_to_tear = 0
        self.commits_lost = 0
        self.cuts = 0
        self._orders = []
        self._lock = threading.Lock()
        self._waker, self._wake = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._ends = False
        # Why the thread has died: nobody else is to blame for what follows then.
        self.failure = None
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    # Faults, from any thread

    def stall(self):
        """Forwards nothing more, both ways, and closes nothing: a cable that was pulled."""
        self.passing.clear()

    def flow(self):
        """What was held back goes on, as the network's own buffers would deliver it."""
        self.passing.set()

    def refuse(self, refuses):
        """Whether new connections are reset at once."""
        self.refuses = refuses

    def cut(self, share=1.0, rng=None):
        """Resets connections: all of them, or some at random."""
        self._order(lambda: [self._drop(end) for end in list(self.pairs) if share >= 1 or rng.random() < share])

    def forget(self):
        """Resets the nodes' ends only; Postgres does not hear of it."""
        self._order(lambda: [self._drop(end, keeps=end) for end in list(self.server_ends)])

    def lose_commits(self, count):
        """The next answers to COMMIT are thrown away, and with each its connection."""
        self.commits_to_lose = count

    def tear(self, count):
        """Of what comes next only a part gets through, whoever sends it, and its connection is reset."""
        self.messages_to_tear = count

    def swallow(self):
        """What the connections of now carry is lost from here on; they stay open."""
        self._order(lambda: self.swallowed.update(self.pairs))

    def lead_to(self, port):
        """New connections go to another server."""
        self.target = port

    def close(self):
        self._ends = True
        self.passing.set()
        self._order(lambda: None)
        self._thread.join(10)

    # The thread

    def _order(self, work):
        with self._lock:
            self._orders.append(work)
        self._waker.send(b"!")

    def _run(self):
        try:
            self._serve()
        except Exception:
            self.failure = traceback.format_exc()

    def _serve(self):
        while not self._ends:
            for key, _ in self._selector.select():
                # Everything stands still meanwhile, new connections wait where the kernel has accepted them.
                self.passing.wait()
                if key.fileobj is self._wake:
                    self._wake.recv(4096)
                elif key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj in self.pairs:
                    self._pass(key.fileobj)
            with self._lock:
                orders, self._orders = self._orders, []
            for work in orders:
                work()
        for end in list(self.pairs):
            self._drop(end)
        for end in self.forgotten:
            end.close()
        self.listener.close()
        self._selector.close()

    def _accept(self):
        client, _ = self.listener.accept()
        server = None
        if not self.refuses:
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                pass
        if server is None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return client.close()
        self.pairs[client], self.pairs[server] = server, client
        for end in (client, server):
            end.settimeout(5)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ)
        self.server_ends.add(server)

    def _pass(self, end):
        try:
            data = end.recv(1 << 16)
            if data and end in self.server_ends and self.commits_to_lose > 0 and COMMITTED in data:
                self.commits_to_lose -= 1
                self.commits_lost += 1
                data = b""
            if len(data) > 1 and self.messages_to_tear > 0:
                self.messages_to_tear -= 1
                self.pairs[end].sendall(data[:len(data) // 2])
                data = b""
            if data and end in self.swallowed:
                return
            if data:
                return self.pairs[end].sendall(data)
        except OSError:
            pass
        self._drop(end)

    def _drop(self, end, keeps=None):
        other = self.pairs.get(end)
        if other is None:
            return
        self.cuts += 1
        for socket_ in (end, other):
            del self.pairs[socket_]
            self.server_ends.discard(socket_)
            self.swallowed.discard(socket_)
            self._selector.unregister(socket_)
            if socket_ is keeps:
                self.forgotten.append(socket_)
                continue
            socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            socket_.close()
