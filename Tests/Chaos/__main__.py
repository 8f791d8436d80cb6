"""`make chaos`: bad days for two nodes and their database; what clients were told is compared with what is stored."""

import argparse
import faulthandler
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter

import sabotage
import scenarios
from stored import Stored
from verdict import judge
from workload import Workload
from world import World

MOST_SHOWN = 20


def arguments():
    names = [scenario.__name__ for scenario in (*scenarios.ALL, *scenarios.SLOW)]
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="at most 90 s: each day once, and its short form")
    parser.add_argument("--only", action="append", choices=names, help="one scenario; may be given again")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31), help="of everything random")
    parser.add_argument("--sabotage", action="store_true", help="damage what is stored, and see that it is noticed")
    return parser.parse_args()


def run(world, scenario, number, options):
    """One scenario. Gives what does not hold, and prints what happened."""
    began = time.monotonic()
    work = Workload(
        world, scenario.__name__, f"{scenario.__name__}{number}", options.seed, flows=12 if options.short else 20)
    try:
        work.start()
        scenario(work, random.Random(work.seed), options.short)
        work.settle()
        faults = judge(work, Stored.read(world.cluster, work.flows))
        if options.sabotage:
            faults += unnoticed(work)
    except scenarios.Skipped as reason:
        print(f"{work.name:>13}: SKIPPED, {reason}", flush=True)
        return []
    except AssertionError as error:
        faults = [str(error), *work.ledger.complaints]
    except Exception:
        faults = [traceback.format_exc(), *work.ledger.complaints]
    finally:
        work.close()
    if world.proxy.failure:
        faults.insert(0, f"the proxy itself has failed, so that the rest says nothing: {world.proxy.failure}")
    print(summary(work, time.monotonic() - began), flush=True)
    return faults


def unnoticed(work):
    """The damages that the verdict does not find."""
    missed = []
    for name, statement in sabotage.ALL.items():
        stored = Stored.read(work.world.cluster, work.flows, f"{sabotage.UNGUARDED} {statement};")
        found = judge(work, stored)
        print(f"  when {name}: {len(found)} found, such as: {found[0][:230] if found else '-'}")
        if not found:
            missed.append(f"nothing was found although {name}")
    return missed


def summary(work, seconds):
    ledger = work.ledger
    told = Counter(write.told for write in ledger.writes)
    shown = Counter(
        "documents" if step.document is not None else "folded" if step.seq > step.since + 1 else "events"
        for step in ledger.shown)
    ready = Counter(status for *_, status in ledger.health)
    lines = [
        f"{work.name:>13}: {seconds:.1f} s; writes " + ", ".join(f"{told[way]} {way}" for way in sorted(told)),
        f"{len(ledger.asks)} questions, {len(ledger.decisions)} told of decisions; shown "
        + ", ".join(f"{shown[kind]} {kind}" for kind in sorted(shown))
        + f"; {sum(watcher.connections for watcher in work.watchers)} connections of {len(work.watchers)} watchers",
        "answers: " + ", ".join(f"{count} × {what}" for what, count in sorted(ledger.answers.items())),
        "/readyz: " + ", ".join(f"{count} × {status or 'no answer'}" for status, count in ready.items()),
    ]
    for cause in sorted({cause for cause, _ in work.doubtful}):
        happened, did_not = work.doubtful[cause, True], work.doubtful[cause, False]
        lines.append(f"of {happened + did_not} writes that were told {cause}, {happened} did happen")
    for times in work.recoveries:
        lines.append("after the fault: " + ", ".join(f"{what} {after:.1f} s" for what, after in times.items()))
    return ("\n" + " " * 15).join([*lines, *work.notes])


def main():
    faulthandler.enable()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    chosen = [getattr(scenarios, name) for name in options.only or []] or scenarios.ALL
    if options.sabotage:
        chosen = (scenarios.calm,)
    began = time.monotonic()
    print(f"seed {options.seed}", flush=True)
    world, failed = None, []
    try:
        for number, scenario in enumerate(chosen):
            world = world or World(os.environ["SIGNALBOX_BINARY"])
            faults = run(world, scenario, number, options)
            if faults:
                failed.append(scenario.__name__)
                print(world.report())
                print(f"FAILED {scenario.__name__} (--seed {options.seed} --only {scenario.__name__}), "
                      f"{len(faults)} faults:", *faults[:MOST_SHOWN], sep="\n  ✗ ", flush=True)
                # What comes next is not to suffer from it.
                world.close()
                world = None
    finally:
        if world:
            world.close()
    print(f"{time.monotonic() - began:.0f} s, {len(chosen) - len(failed)} of {len(chosen)} scenarios hold"
          + (f"; not: {', '.join(failed)}" if failed else ""))
    sys.exit(1 if failed else 0)


main()
