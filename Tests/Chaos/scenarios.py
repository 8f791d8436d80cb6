"""The bad days. Each happens to a workload that goes on meanwhile, and is to be over soon after its cause is."""

import contextlib
import os
import pathlib
import signal
import time

from basics import until
from redis import Redis, is_there


class Skipped(Exception):
    """This machine cannot do it; says why."""


def calm(work, rng, is_short):
    """Nothing bad: what the others are compared with."""
    work.goes_on(10 if is_short else 40)


def restart(work, rng, is_short):
    """Postgres is restarted as by an administrator: sessions are ended with a word."""
    for _ in range(1 if is_short else 3):
        _restart(work, "fast")


def crash(work, rng, is_short):
    """Postgres crashes and recovers: sessions end without a word, in the middle of commits."""
    for _ in range(1 if is_short else 3):
        _restart(work, "immediate")


def _restart(work, mode):
    with work.outage():
        work.world.cluster.stop(mode)
        work.world.cluster.start()
    work.recovers()
    work.goes_on(2)


def gone(work, rng, is_short):
    """Postgres is away for a while, as in an upgrade."""
    with work.outage():
        work.world.cluster.stop("fast")
        time.sleep(5 if is_short else 60)
        work.world.cluster.start()
    work.recovers()
    work.goes_on(2)


def killed_nodes(work, rng, is_short):
    """Nodes end without a warning, at any moment, and are started again; the other one goes on meanwhile."""
    for _ in range(2 if is_short else 8):
        time.sleep(rng.uniform(0.1, 1.0))
        victim = rng.choice(work.world.nodes)
        victim.kill()
        work.goes_on(1, [node for node in work.world.nodes if node is not victim], seconds=10)
        victim.start()
        work.fault_ended = time.monotonic()
        work.recovers()


def frozen_node(work, rng, is_short):
    """A node stands still for a while, as a machine that is moved does, and goes on with what it held, locks too."""
    victim = rng.choice(work.world.nodes)
    os.kill(victim.process.pid, signal.SIGSTOP)
    try:
        time.sleep(3 if is_short else 15)
    finally:
        os.kill(victim.process.pid, signal.SIGCONT)
    work.fault_ended = time.monotonic()
    work.recovers()
    work.goes_on(2)


def stall(work, rng, is_short):
    """The network between nodes and Postgres carries nothing for a while, and then all that it was given."""
    for seconds in (4,) if is_short else (3, 20):
        with work.outage():
            work.world.proxy.stall()
            time.sleep(seconds)
            work.world.proxy.flow()
        work.recovers()
        work.goes_on(2)


def cuts(work, rng, is_short):
    """Connections to Postgres are reset at random moments, in the middle of a message, and just when the answer to a
    commit was to come."""
    proxy = work.world.proxy
    for _ in range(12 if is_short else 80):
        time.sleep(rng.uniform(0.02, 0.3))
        kind = rng.choice(("all", "some", "torn", "commits", "commits"))
        if kind == "commits":
            proxy.lose_commits(rng.randint(1, 4))
        elif kind == "torn":
            proxy.tear(rng.randint(1, 4))
        else:
            proxy.cut(1.0 if kind == "all" else 0.3, rng)
    proxy.lose_commits(0)
    proxy.tear(0)
    work.fault_ended = time.monotonic()
    work.recovers()
    work.goes_on(2)
    work.notes.append(f"{proxy.commits_lost} answers to COMMIT lost")


def half_open(work, rng, is_short):
    """The nodes' connections are reset, and Postgres does not hear of it, as when a firewall forgets them.

    Transactions that were open keep their locks until idle_in_transaction_session_timeout, 60 s, has passed.
    """
    work.world.proxy.forget()
    work.fault_ended = time.monotonic()
    work.recovers(75)
    work.goes_on(2)


def black_hole(work, rng, is_short):
    """What the nodes' connections carry is lost without a word, both ways; new ones work.

    A node waits for an answer as long as a statement may take, 35 s.
    """
    work.world.proxy.swallow()
    work.fault_ended = time.monotonic()
    work.recovers(75)
    work.goes_on(2)


def redis(work, rng, is_short):
    """Redis carries events between the nodes, and is cut off, killed, started anew and held still under load."""
    if not is_there():
        raise Skipped("there is no Redis")
    world = work.world
    server = Redis(world.folder / "redis")
    try:
        server.start()
        _restart_nodes(work, SIGNALBOX_REDIS_URL=server.url)
        for _ in range(1 if is_short else 3):
            _carries(work)
            for fault in rng.sample((_cut_redis, _kill_redis, _hold_redis), 3):
                fault(work, server, rng, is_short)
                work.fault_ended = time.monotonic()
                work.recovers()
        _carries(work)
    finally:
        server.close()
    # Without it, as if it had never been there.
    work.goes_on(2)
    taken, dropped = _taken(world), [
        node.figure(f'redis_dropped_total{{reason="{reason}"}}')
        for node in world.nodes for reason in ("not_connected", "queue_full")
    ]
    work.notes.append(f"through Redis the nodes took {taken} commits of each other, {sum(dropped)} were not sent")
    _restart_nodes(work)


def _restart_nodes(work, **settings):
    """One after the other, as for an upgrade."""
    for node in work.world.nodes:
        node.close()
        node.settings = {**work.world.settings, **settings}
        node.start()
    work.fault_ended = time.monotonic()
    work.recovers()


def _taken(world):
    return [node.figure('redis_received_total{outcome="taken"}') for node in world.nodes]


def _carries(work):
    """Waits until commits come to both nodes through Redis."""
    before = _taken(work.world)
    until(lambda: all(now > then + 10 for now, then in zip(_taken(work.world), before)),
          "both nodes hear of commits through Redis", 20)


def _cut_redis(work, server, rng, is_short):
    for _ in range(3 if is_short else 15):
        time.sleep(rng.uniform(0.02, 0.3))
        server.cut()


def _kill_redis(work, server, rng, is_short):
    server.kill()
    work.goes_on(2)
    time.sleep(rng.uniform(0, 2))
    server.start()


def _hold_redis(work, server, rng, is_short):
    """Longer and shorter than the nodes have patience."""
    for seconds in (2,) if is_short else (2, 8):
        server.stand_still()
        try:
            time.sleep(seconds)
            work.goes_on(2)
        finally:
            server.go_on()


def full_tables(work, rng, is_short):
    """The disk of the tables is full: statements fail, Postgres stays up."""
    with _full(work, "space"):
        _fail(work)
    work.fault_ended = time.monotonic()
    work.recovers()
    work.goes_on(2)


def full_wal(work, rng, is_short):
    """The disk of the WAL is full: Postgres ends, and is started by an operator once there is room."""
    cluster = work.world.cluster
    with _full(work, "wal"):
        # Segments that are there already have room for what this workload writes in minutes.
        until(lambda: not cluster.tries("SELECT pg_logical_emit_message(false, '', repeat('x', 1 << 20))"),
              "the WAL is full", 30)
        time.sleep(2)
    until(lambda: cluster.has_ended() or cluster.tries("SELECT 1"), "Postgres has ended or recovered", 30)
    if cluster.has_ended():
        work.notes.append("Postgres had ended")
        cluster.start()
    work.fault_ended = time.monotonic()
    work.recovers()
    work.goes_on(2)


@contextlib.contextmanager
def _full(work, name):
    """Fills a disk and frees it again."""
    disk = work.world.disks.get(name)
    if disk is None:
        raise Skipped("a small disk needs root and the right to mount one")
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


def _fail(work):
    """Waits until writes fail, and lets that go on for a moment."""
    first = len(work.ledger.writes)

    def failures():
        return [write for write in work.ledger.writes[first:] if write.words[:1] == "5"]

    until(lambda: len(failures()) >= 5, "writes fail since a disk is full", 40)
    time.sleep(1)
    work.notes.append(f"writes were told {sorted({write.words for write in failures()})}")


def failover(work, rng, is_short):
    """The primary's machine is gone, and its synchronous replica takes its place."""
    world, old = work.world, work.world.cluster
    replica = world.replica()
    old.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'", "postgres")
    old.sql("SELECT pg_reload_conf()", "postgres")
    state = "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'standby' AND sync_state = 'sync'"
    until(lambda: old.sql(state, "postgres").strip() == "1", "the replica is synchronous", 20)
    # Not before every commit that is under way waits for the replica as well.
    work.goes_on(2)
    with work.outage():
        _power_off(old)
        world.proxy.cut()
        # Its address leads to the replica before that takes writes, as with an address that moves by itself.
        world.proxy.lead_to(replica.port)
        time.sleep(rng.uniform(0, 1))
        replica.promote()
    world.cluster = replica
    work.recovers()
    work.goes_on(2)


def _power_off(cluster):
    """Ends the server and all its children at once, so that nobody finishes anything."""
    server = cluster.process.pid
    children = [
        int(entry.name) for entry in pathlib.Path("/proc").iterdir()
        if entry.name.isdigit() and _parent(entry) == server
    ]
    os.kill(server, signal.SIGSTOP)
    for process in [*children, server]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    cluster.process.wait()


def _parent(entry):
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


# The order matters: after the failover the cluster has no small disks any more.
ALL = (calm, restart, crash, gone, killed_nodes, frozen_node, stall, cuts, redis, full_tables, full_wal, failover)
# Not part of a run unless named: they end by time limits that are longer than the bound of the others.
SLOW = (half_open, black_hole)
