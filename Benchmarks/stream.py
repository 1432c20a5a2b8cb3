"""Many browsers that listen: what 500 clients of the live events cost, a fifth of which never read.

    python Benchmarks/stream.py <freshet> [clients]

Prints how long an effect takes and how much memory the daemon has, without anybody, with all of them, and after 3,000 effects
that each of them is told of. Ends with 1 when a client that reads has missed something.
"""

import os
import selectors
import socket
import statistics
import sys
import time
from pathlib import Path

os.environ["FRESHET_BINARY"] = str(Path(sys.argv[1]).resolve())
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/api"))
from world import SALES, World  # noqa: E402  the binary is chosen before

CLIENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 500
EFFECTS = 3000


def memory(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def effects(world, count):
    """Pauses and resumes a model; returns the median of how long one takes, in milliseconds."""
    times = []
    for number in range(count):
        begun = time.perf_counter()
        body = {"asset": SALES, "paused": number % 2 == 0, "reason": "benchmark"}
        answer = world.post("/api/v1/pauses", body)
        assert answer.status == 200, answer.body
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def drain(clients, events):
    """Reads what has come for those who read; counts their events."""
    for key, _ in clients.select(timeout=0):
        try:
            events[key.fd] = events.get(key.fd, 0) + key.fileobj.recv(1 << 20).count(b"event: pause")
        except BlockingIOError:
            pass


def main():
    with World() as world:
        world.land("dbt-1")
        world.start()
        world.wait(lambda: world.get("/readyz").status == 200, "readiness")
        alone = effects(world, 200)
        before = memory(world.daemon.pid)

        host, port = world.base.split(":")
        request = (f"GET /api/v1/events/stream?topics=board HTTP/1.1\r\nHost: {world.base}\r\n"
                   f"Authorization: Bearer {world.token}\r\n\r\n").encode()
        readers, slow, events = selectors.DefaultSelector(), [], {}
        for number in range(CLIENTS):
            client = socket.socket()
            if number % 5 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((host, int(port)))
            client.sendall(request)
            client.recv(4096)
            client.setblocking(False)
            slow.append(client) if number % 5 == 0 else readers.register(client, selectors.EVENT_READ)
        connected = memory(world.daemon.pid)
        times = []
        for _ in range(EFFECTS // 100):
            times.append(effects(world, 100))
            drain(readers, events)
        end = time.monotonic() + 30
        while time.monotonic() < end and any(events.get(key.fd, 0) < EFFECTS for key in readers.get_map().values()):
            drain(readers, events)
            time.sleep(0.05)
        missed = sum(events.get(key.fd, 0) < EFFECTS for key in readers.get_map().values())
        after = memory(world.daemon.pid)
        print(f"{CLIENTS} clients, {len(slow)} of which never read; {EFFECTS} effects, each told to all of them")
        print(f"memory (RSS):  {before:.0f} MiB alone, {connected:.0f} MiB with all, {after:.0f} MiB afterwards")
        print(f"an effect:     {alone:.1f} ms alone, {statistics.median(times):.1f} ms with all (medians)")
        print(f"clients that read and missed something: {missed}")
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
