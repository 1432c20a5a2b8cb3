"""What must hold after every crash: the store against itself, and against what the emulator saw."""
import datetime
import json
import subprocess


class Violated(Exception):
    """An invariant that does not hold, with the rows that show it."""

    def __init__(self, invariant, sentence, rows):
        super().__init__(f"{invariant}: {sentence}\n" + "\n".join(f"  {row}" for row in rows))


def require(rows, invariant, sentence):
    if rows:
        raise Violated(invariant, sentence, rows)


def milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Checker:
    """Checks a lane after each round; remembers how far the ledger was read."""

    def __init__(self, lane):
        self.lane = lane
        self.since = 0
        self.posts = {model: [] for model in lane.models.values()}

    def check(self):
        """Raises Violated; returns what became of the operations since the last check."""
        self.in_the_store()
        operations = self.lane.query(
            "SELECT o.*, run.id AS run_id FROM remote_op o JOIN run ON run.sequence = o.run ORDER BY o.sequence"
        )
        last = self.since
        for asset, model in self.lane.models.items():
            for post in self.lane.emulator.posts(model, self.since):
                self.posts[model].append(post)
                last = max(last, post["seq"])
            mine = [operation for operation in operations if operation["asset"] == asset]
            self.against_ledger(mine, self.posts[model])
            self.against_truth(mine, self.lane.emulator.refreshes(model))
        self.since = last

    def in_the_store(self):
        lane = self.lane
        answer = subprocess.run(
            [lane.binary, "store", "check", "--json"], cwd=lane.folder, capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": lane.folder, **lane.emulator.environment},
        )
        if answer.returncode not in (0, 4):
            raise Violated("S2", "the store can be read", [answer.stderr])
        for found in json.loads(answer.stdout)["violations"]:
            raise Violated(found["invariant"], found["sentence"], found["rows"])
        known = {row["key"] for row in lane.query("SELECT key FROM trigger")}
        require([key for key in lane.acknowledged if key not in known], "S1", "what was acknowledged is in the store")
        rows = lane.query("SELECT id, state FROM remote_op WHERE state IN ('prepared', 'ambiguous', 'accepted')")
        require([tuple(row) for row in rows], "L2", "nothing stays in flight")
        rows = lane.query("SELECT asset, status FROM step WHERE status IN ('waiting', 'queued', 'running', 'retrying')")
        require([tuple(row) for row in rows], "L2", "nothing stays running")

    @staticmethod
    def against_ledger(operations, posts):
        """At most one POST for each attempt, and none without its intent on record."""
        times = [(operation["prepared_at"], operation["id"]) for operation in operations]
        count = {}
        for post in posts:
            received = milliseconds(post["received"])
            before = [name for prepared, name in times if prepared <= received]
            if not before:
                raise Violated("S6", "an intent is on record before its POST", [post["seq"], post["received"]])
            count[before[-1]] = count.get(before[-1], 0) + 1
        require([item for item in count.items() if item[1] > 1], "S7", "at most one POST for each attempt")

    @staticmethod
    def against_truth(operations, refreshes):
        """Each refresh that there is belongs to one operation, whose state is what became of it."""
        truth = {refresh["requestId"]: refresh["status"] for refresh in refreshes}
        owner = {operation["request_id"]: operation for operation in operations if operation["request_id"]}
        strays = [(key, status) for key, status in truth.items() if key not in owner]
        require(strays, "S7", "every refresh that was started is known to its operation")
        words = {"completed": "Completed", "failed": "Failed", "cancelled": "Cancelled"}
        for operation in operations:
            status = truth.get(operation["request_id"])
            wanted = words.get(operation["state"])
            # Cancelled before anything was sent: there is nothing over there.
            if operation["state"] == "cancelled" and operation["request_id"] is None:
                wanted = None
            if status != wanted:
                raise Violated(
                    "S9", "an operation ends with the word of its own refresh",
                    [operation["id"], operation["state"], operation["request_id"], f"the service says {status}"],
                )
