"""Many refreshes in flight at once: what one process of Freshet needs to watch them.

    scripts/bench-inflight [count ...]

A project of so many models, an emulator whose refreshes take 30 s, one `freshet run --force` that polls each refresh
every 5 s. Only Freshet's own process is measured: CPU time, the peak of its memory, and what the emulator received of it.
CPU time is what to compare; wall time also says how busy the machine was, and that the emulator ran beside it.
"""
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

PROJECT = """project: bench
timezone: UTC
store: .freshet/freshet.db
connections:
  powerbi:
    kind: powerbi
    tenant_id: ${env:POWERBI_TENANT_ID}
    client_id: ${env:POWERBI_CLIENT_ID}
    client_secret: ${secret:env/POWERBI_CLIENT_SECRET}
    authority_url: ${env:POWERBI_AUTHORITY_URL}
    api_url: ${env:POWERBI_API_URL}
    requests_per_minute: 100000
    poll_interval: 5s
    poll_max_interval: 5s
  warehouse: {kind: sqlite, path: warehouse.db}
defaults:
  powerbi.semantic_model: {connection: powerbi, workspace: Bulk}
"""


def write(folder, count):
    os.makedirs(folder + "/assets")
    with open(folder + "/freshet.yaml", "w") as file:
        file.write(PROJECT)
    with open(folder + "/assets/all.yaml", "w") as file:
        file.write("assets:\n  - {key: t, kind: sql.table, connection: warehouse, table: t, change: [row_count]}\n")
        for index in range(count):
            file.write(f"  - {{key: m/{index}, kind: powerbi.semantic_model, model: M{index}, deps: [t]}}\n")
    with sqlite3.connect(folder + "/warehouse.db") as warehouse:
        warehouse.execute("CREATE TABLE t (id INTEGER)")
    warehouse.close()


def memory(pid):
    """Resident and proportional size in KiB."""
    sizes = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss"):
                sizes[name] = int(value.split()[0])
    return sizes.get("Rss", 0), sizes.get("Pss", 0)


def cpu(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(binary, count):
    with tempfile.TemporaryDirectory(prefix="freshet-bench-") as folder:
        write(folder + "/p", count)
        command = [binary, "emulator", "--models", str(count), "--refresh-duration", "30"]
        emulator = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(emulator.stdout.readline())
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": folder, "POWERBI_TENANT_ID": ready["tenant_id"],
            "POWERBI_CLIENT_ID": ready["client_id"], "POWERBI_CLIENT_SECRET": ready["client_secret"],
            "POWERBI_AUTHORITY_URL": ready["authority_url"], "POWERBI_API_URL": ready["powerbi_url"],
        }
        emulator_before = cpu(emulator.pid)
        begun = time.monotonic()
        command = [binary, "run", "kind:powerbi.semantic_model", "--force", "--json"]
        # To files: a pipe that nobody reads would hold the run up.
        output, errors = open(folder + "/out", "w"), open(folder + "/errors", "w+")
        process = subprocess.Popen(command, cwd=folder + "/p", env=environment, stdout=output, stderr=errors)
        peak = (0, 0)
        while process.poll() is None:
            try:
                now = memory(process.pid)
                peak = max(peak[0], now[0]), max(peak[1], now[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
            time.sleep(0.2)
        wall = time.monotonic() - begun
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = usage.ru_utime + usage.ru_stime - measure.spent
        measure.spent = usage.ru_utime + usage.ru_stime
        if process.returncode != 0:
            sys.exit(f"the run of {count} ended with {process.returncode}: {open(errors.name).read()[-2000:]}")
        with urllib.request.urlopen(ready["control_url"] + "/ledger", timeout=600) as answer:
            ledger = json.load(answer)
        kinds = {}
        for entry in ledger:
            kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
        most = in_flight(ledger)
        other = cpu(emulator.pid) - emulator_before
        emulator.terminate()
        emulator.wait()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        measure.spent = usage.ru_utime + usage.ru_stime
        posts = kinds.get("refresh_post", 0)
        if posts != count:
            sys.exit(f"{posts} POSTs for {count} models")
        print(
            f"{count:>6} {most:>10} {peak[0] / 1024:>9.1f} {peak[1] / 1024:>9.1f} {seconds:>8.2f} {len(ledger):>9}"
            f" {seconds * 1000 / len(ledger):>12.3f} {wall:>8.1f} {other:>14.1f} {os.getloadavg()[0]:>6.1f}",
            flush=True,
        )


measure.spent = 0.0


def in_flight(ledger):
    """The most refreshes that were under way at one moment: each takes 30 s from its POST."""
    starts = sorted(entry["uptime"] for entry in ledger if entry["kind"] == "refresh_post")
    most = first = 0
    for last, start in enumerate(starts):
        while starts[first] < start - 30:
            first += 1
        most = max(most, last - first + 1)
    return most


def main():
    binary = os.path.abspath(sys.argv[1])
    print("models  in flight  peak RSS  peak PSS    CPU s  requests  CPU ms/req.   wall s  emulator CPU s   load")
    for count in [int(word) for word in sys.argv[2:]] or [100, 1000, 10000]:
        measure(binary, count)


if __name__ == "__main__":
    main()
