"""Judges what `task_kills` wrote down, with nothing of the engine: Python and the files alone.

    python3 crates/assay-tasks/examples/task_kills.py FOLDER
"""

import collections
import pathlib
import sqlite3
import sys
import uuid

STEPS = 3


def rows(folder):
    """The state of each task, its number of steps, whether the file is damaged."""
    told = folder / "tasks.txt"
    if told.exists():
        lines = [line.split(" ") for line in told.read_text().splitlines()]
        states = {uuid.UUID(task): state for task, state, _ in lines}
        return states, {uuid.UUID(task): int(steps) for task, _, steps in lines}, False
    path = folder / "tasks.db" if (folder / "tasks.db").exists() else folder / "db" / "tasks.db"
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    states = {uuid.UUID(bytes=i): s for i, s in database.execute("SELECT id, state FROM task")}
    steps = collections.Counter()
    for (task,) in database.execute("SELECT task.id FROM step JOIN task ON task.seq = step.task"):
        steps[uuid.UUID(bytes=task)] += 1
    return states, steps, database.execute("PRAGMA integrity_check").fetchone()[0] != "ok"


def main(folder):
    acknowledged, journaled, effects = set(), set(), collections.Counter()
    kills = doubled = parked = cut = stops = full = 0
    timed = []
    for line in (folder / "ledger.txt").read_text().splitlines():
        match line.split(" "):
            case ["kill"]:
                kills += 1
            case ["end"]:
                pass
            case ["postgres"]:
                stops += 1
            case ["full", _]:
                full += 1
            case [_, "parked", _]:
                parked += 1
            case [_, "ack", task] if len(task) == 36:
                acknowledged.add(uuid.UUID(task))
            case [nanos, ("effect" | "journal") as what, key] if len(key) == 38:
                timed.append((int(nanos), what, key))
            case _:
                cut += 1
    # Processes that ran at the same time wrote their lines down one after the other.
    for _, what, key in sorted(timed):
        if what == "effect":
            effects[key] += 1
            doubled += key in journaled
        else:
            journaled.add(key)
    states, steps, damaged = rows(folder)
    lost = [task for task in acknowledged if states.get(task) != "done"]
    ragged = [task for task, state in states.items() if state == "done" and steps[task] != STEPS]
    again = sum(count - 1 for count in effects.values())
    print(f"kills {kills}, acknowledged {len(acknowledged)}, tasks {len(states)}, "
          f"effects {sum(effects.values())}, journal entries seen {len(journaled)}, lines cut {cut}")
    print(f"acknowledged and not done {len(lost)}, effects after their journal entry {doubled}, "
          f"done without every step {len(ragged)}, file damaged {damaged}")
    print(f"times that Postgres was killed {stops}, that the disk was full {full}")
    print(f"parked after five kills in a row without a finished step, and replayed {parked}")
    print(f"effects repeated with the same key, the crash having come before the journal {again}")
    return 1 if lost or doubled or ragged or damaged else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
