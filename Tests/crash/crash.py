"""Kills the daemon at every named place, starts it again, and checks that nothing was lost, doubled or left running.

    scripts/crash --kills 1000 --seed 7

Each round changes tables, lets a daemon die at one passage of one failpoint (or fail and be delayed at several), with
the service misbehaving now and then; then a daemon without failpoints has to bring everything to its right end.
"""
import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from checks import Checker, Violated
from place import SIGKILL, SIGTERM, TABLES, Emulator, Daemon, Lane, Late, until

SERVICE_FAULTS = [
    {"status": 503, "effect": True}, {"status": 503}, {"drop": "before"}, {"drop": "after"}, {"lose": True},
    {"hide_from_history": 0.3}, {"truncate": True}, {"end": "Failed"}, {"status": 429, "headers": {"Retry-After": "1"}},
    {"html": True, "effect": True}, {"delay_reply": 0.3},
]
# What can fail; everywhere else an error has no effect.
MAY_FAIL = ["accept", "adopt", "intent", "plan", "poll.before_commit", "post.after_body", "post.before_connect", "tick",
            "trigger"]


class Table:
    """What came of the rounds, by failpoint."""

    columns = ["rounds", "kills", "missed", "posts", "ambiguous", "adopted", "not_found", "nudges"]

    def __init__(self, points):
        self.rows = {point: collections.Counter() for point in points}
        self.lock = threading.Lock()

    def add(self, point, **counts):
        with self.lock:
            self.rows.setdefault(point, collections.Counter()).update(counts)

    def total(self, column):
        with self.lock:
            return sum(row[column] for row in self.rows.values())

    def write(self):
        width = max(len(point) for point in self.rows) + 2
        print("".ljust(width) + "".join(column.rjust(11) for column in self.columns))
        for point, row in sorted(self.rows.items()):
            print(point.ljust(width) + "".join(str(row[column]).rjust(11) for column in self.columns))
        print("in all".ljust(width) + "".join(str(self.total(column)).rjust(11) for column in self.columns))


class Crash:
    def __init__(self, options, points, folder, emulator):
        self.options, self.points, self.emulator = options, points, emulator
        self.table = Table(points)
        self.lanes = [Lane(i, f"{folder}/lane{i}", options.binary, emulator) for i in range(options.lanes)]
        self.failure = None
        self.lock = threading.Lock()
        self.number = 0
        # Every point in turn, in an order of this seed.
        self.order = list(points)
        random.Random(options.seed).shuffle(self.order)

    def next_number(self):
        """The number of the next round; None when there are enough."""
        with self.lock:
            enough = self.options.rounds and self.number >= self.options.rounds
            enough = enough or self.options.kills and self.table.total("kills") >= self.options.kills
            if self.failure or enough:
                return None
            self.number += 1
            return self.number

    def run(self):
        threads = [threading.Thread(target=self.serve, args=(lane,)) for lane in self.lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.failure

    def serve(self, lane):
        checker = Checker(lane)
        point = "(start)"
        number = 0
        try:
            daemon = Daemon(lane)
            until("the socket", lane.is_up, 20)
            until("the first refreshes", lambda: not any(lane.rest()), 60)
            daemon.end(SIGTERM)
            checker.check()
            while number := self.next_number():
                point = self.point(number)
                self.round(lane, checker, number, point)
                if number % 20 == 0:
                    print(f"round {number}: {self.table.total('kills')} kills", flush=True)
        except (Violated, Late) as error:
            self.failure = self.failure or (lane, number, point, str(error))
        except Exception:
            self.failure = self.failure or (lane, number, point, traceback.format_exc())

    def point(self, number):
        # One round in six fails and delays instead; it is killed at any moment.
        return "(errors and delays)" if number % 6 == 0 else self.order[number % len(self.order)]

    def round(self, lane, checker, number, point):
        chance = random.Random(self.options.seed * 1_000_003 + number)
        is_kill = point in self.points
        script = self.kill_at(point, chance) if is_kill else self.trouble(chance)
        before = lane.query("SELECT coalesce(max(sequence), 0) AS last FROM remote_op")[0]["last"]
        posts = sum(len(posts) for posts in checker.posts.values())
        if chance.random() < 0.4:
            self.misbehave(lane, chance)

        tables = chance.sample(sorted(lane.counts), chance.randint(1, 3))
        lane.change(tables[:1])
        daemon = Daemon(lane, script, number)
        self.stir(lane, daemon, point, tables, number, chance)
        if is_kill:
            self.until_dead_or_done(lane, daemon)
        else:
            time.sleep(chance.random() * 1.5)
        died = not daemon.is_alive
        status = daemon.end(SIGKILL)
        if died and status not in (-SIGKILL, 0):
            raise Violated("L7", "a daemon ends only when it is told to", [f"exit status {status}", script])
        daemon = Daemon(lane)
        until("the socket", lane.is_up, 20)
        nudges = lane.settle()
        if point.startswith("cancel"):
            # What was cancelled is not begun again by itself.
            lane.change(sorted(lane.counts))
            nudges = lane.settle()
        if (status := daemon.end(SIGTERM)) != 0:
            raise Violated("L7", "a daemon that is asked to stop ends with 0", [status])
        checker.check()
        count = lane.query(
            "SELECT count(*) FILTER (WHERE is_adopted) AS adopted, count(*) FILTER (WHERE state = 'not_found') AS"
            " not_found, count(*) FILTER (WHERE sequence IN (SELECT remote_op FROM remote_op_event WHERE name IN"
            " ('unanswered', 'found_after_restart', 'answered_without_id', 'throttled'))) AS ambiguous"
            " FROM remote_op WHERE sequence > ?", before,
        )[0]
        self.table.add(
            point, rounds=1, kills=int(died and is_kill), missed=int(is_kill and not died), nudges=nudges,
            posts=sum(len(posts) for posts in checker.posts.values()) - posts, **dict(count),
        )

    def kill_at(self, point, chance):
        # Places that are passed often are tried further in.
        passages = 30 if point.startswith("tick") else 5 if point.startswith("poll.") else 2
        if point.startswith(("lock", "config", "shutdown", "cancel", "adopt", "poll.before_commit", "trigger", "step.sk")):
            passages = 1
        script = f"{point}={chance.randrange(passages)}*off->kill"
        # There is nothing to adopt unless an answer was lost.
        return script + ";post.after_body=1*error(lost)" if point.startswith("adopt") else script

    def trouble(self, chance):
        scripts = []
        for point in chance.sample(self.points, 6):
            fails = point.startswith(tuple(MAY_FAIL)) and chance.random() < 0.6
            action = "error(injected)" if fails else f"delay({chance.randint(5, 120)})"
            scripts.append(f"{point}={chance.randint(10, 60)}%{chance.randint(1, 4)}*{action}")
        return ";".join(scripts)

    def misbehave(self, lane, chance):
        for model in chance.sample(sorted(lane.models.values()), chance.randint(1, 2)):
            fault = {"match": {"kind": "refresh_post", "model": model}, "action": chance.choice(SERVICE_FAULTS)}
            self.emulator.ask("faults", fault)

    def stir(self, lane, daemon, point, tables, number, chance):
        """What happens while the daemon is up, until it dies."""
        group = point.split(".")[0]
        if group in ("lock", "config"):
            return
        if group in ("trigger", "step") or chance.random() < 0.2:
            until("the socket", lambda: not daemon.is_alive or lane.is_up(), 20)
            lane.ask_for_runs(f"crash:{number}", sorted(TABLES), chance.random() < 0.3)
        if chance.random() < 0.5:
            time.sleep(chance.random() * 0.4)
        lane.change(tables[1:])
        if group == "cancel":
            sql = "SELECT run.id FROM remote_op o JOIN run ON run.sequence = o.run WHERE o.state = 'accepted'"
            until("a refresh to cancel", lambda: not daemon.is_alive or lane.query(sql) or not lane.rest()[0], 20)
            for row in lane.query(sql):
                lane.post(f"runs/{row['id']}/cancel", {})
        if group == "shutdown":
            until("the socket", lambda: not daemon.is_alive or lane.is_up(), 20)
            time.sleep(chance.random())
            daemon.process.send_signal(SIGTERM)
            until("the end of the daemon", lambda: not daemon.is_alive, 30)

    @staticmethod
    def until_dead_or_done(lane, daemon):
        begun = time.monotonic()

        def holds():
            if not daemon.is_alive:
                return True
            waited = time.monotonic() - begun
            return waited > 12 or waited > 1.5 and not any(lane.rest())

        until("the end of the daemon or of its work", holds, 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="a program that was built with FRESHET_FAILPOINTS=1")
    parser.add_argument("--kills", type=int, default=0, help="go on until failpoints have killed so often")
    parser.add_argument("--rounds", type=int, default=0, help="or so many rounds")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--lanes", type=int, default=4, help="projects side by side")
    parser.add_argument("--points", default="", help="only failpoints that begin with one of these words")
    parser.add_argument("--keep", action="store_true", help="keep the folder also when all went well")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    if not options.kills and not options.rounds:
        options.kills = 1000
    print(f"seed {options.seed}", flush=True)
    names = subprocess.run([options.binary, "failpoints"], capture_output=True, text=True, check=True).stdout.split()
    points = [name for name in names if name.startswith(tuple(options.points.split(",")))]
    folder = tempfile.mkdtemp(prefix="freshet-crash-")
    emulator = Emulator(options.binary, options.lanes * 3, 0.3)
    begun = time.monotonic()
    try:
        crash = Crash(options, points, folder, emulator)
        failure = crash.run()
    finally:
        emulator.end()
    crash.table.write()
    print(f"{crash.number} rounds in {time.monotonic() - begun:.0f} s, seed {options.seed}")
    if failure:
        lane, number, point, text = failure
        print(f"FAILED in round {number} of lane {lane.number}, at {point}; seed {options.seed}\n{text}")
        with open(lane.folder + "/daemon.log") as log:
            print("".join(log.readlines()[-40:]))
        print(f"the store and the log are in {lane.folder}")
        return 1
    untried = [point for point in points if not crash.table.rows[point]["kills"]]
    if untried and crash.number >= 6 * len(points):
        print(f"FAILED: nothing ever died at {', '.join(untried)}")
        return 1
    if not options.keep:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
