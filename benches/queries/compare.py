"""Compares `vedette query` with other engines on the same rows: equal answers first, then interleaved rounds, then peak memory.

usage: compare.py VEDETTE WORKSPACE FOLDER_OF_PARQUET [--rounds N] [--only NAME,..] [--threads N]

Vedette is timed as a whole process, start included, writing its rows into a pipe; a peer within its process, without start,
import and preparation. Either is done when all rows are there in Arrow's form. Each is asked twice unmeasured just before it is measured,
so that all are warm, and while it is asked the others are stopped. Prints a Markdown table.
"""

import argparse
import atexit
import datetime
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pyarrow.ipc

HERE = Path(__file__).parent
PEERS = ["duckdb", "polars", "chdb", "duckdb-kql"]
# Polars has two engines, of which each query gets the faster.
POLARS_ENGINES = ["streaming", "in-memory"]
# Runs of each engine of Polars before one is chosen; the faster one of them counts.
CHOICE_RUNS = 2
# Engines work on after an answer (threads wait for more by spinning, memory is given back): none is timed or stopped before it takes less
# than this share of a processor, looked at so many seconds apart, or after so many seconds.
STILL_SHARE, STILL_STEP, STILL_LIMIT = 0.02, 0.02, 10.0
# Runs of an engine just before the one that is measured.
WARMING_RUNS = 2
# Relative difference up to which approximate counts of two engines are taken as equal.
APPROXIMATE = 0.05


class Peer:
    """A process of an engine, started anew where it ended."""

    def __init__(self, engine, folder, threads, chosen=None):
        self.engine = engine
        self.arguments = [sys.executable, str(HERE / "peer.py"), engine, str(folder), str(HERE), str(threads)]
        # Of Polars, by query.
        self.chosen = {} if chosen is None else chosen
        self.start()
        # One that is stopped would not see that this process ended.
        atexit.register(lambda: self.process.kill())

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def rest(self):
        """Stops all threads of the process where they are."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, kind, name):
        request = {kind: name}
        if name in self.chosen:
            request["engine"] = self.chosen[name]
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        status = self.process.wait()
        self.start()
        return {"error": "takes more than half of the machine's memory" if status == 3 else f"ended with {status}"}

    def worked(self):
        """Nanoseconds of processor that all threads have taken."""
        total = 0
        for statistics_file in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            try:
                total += int(statistics_file.read_text().split()[0])
            except OSError:
                pass  # The thread has ended.
        return total

    def choose(self, name):
        """Finds out which engine of Polars is the faster for a query."""
        fastest = {}
        for engine in POLARS_ENGINES:
            self.chosen[name] = engine
            answers = [self.ask("run", name) for _ in range(CHOICE_RUNS)]
            fastest[engine] = min(answer.get("seconds", float("inf")) for answer in answers)
        self.chosen[name] = min(fastest, key=fastest.get)

    def close(self):
        self.wake()
        self.process.stdin.close()
        self.process.wait()


def wait_until_still(peer):
    """Waits until a peer no longer works on at what it was asked before."""
    deadline = time.monotonic() + STILL_LIMIT
    before = peer.worked()
    while time.monotonic() < deadline:
        time.sleep(STILL_STEP)
        after = peer.worked()
        if abs(after - before) < STILL_SHARE * STILL_STEP * 1e9:
            return
        before = after
    print(f"- {peer.engine} worked on after its answer for longer than was waited", file=sys.stderr)


def warmly(ask):
    """The last of some answers in a row. What rested is slower for every engine: the host of a virtual machine may take its memory away,
    so that the first run after seconds takes up to four times as long, by the memory an engine touches and not by what it does there."""
    for _ in range(WARMING_RUNS):
        ask()
    return ask()


def asked_alone(peer, name):
    """The answer of a peer that has the machine for itself: all others rest. Their threads that wake to look after something, tens of times a
    second, would take a millisecond or two from one that answers in fifteen, and from each another share."""
    peer.wake()
    wait_until_still(peer)
    answer = warmly(lambda: peer.ask("run", name))
    wait_until_still(peer)
    peer.rest()
    return answer


# Runs a command and prints its peak memory in KB.
SMALL_PARENT = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
print(os.wait4(process.pid, 0)[2].ru_maxrss)
"""


def command(options, query):
    return [options.vedette, "query", "--workspace", options.workspace, "--format", "arrow", query["kql"]]


def vedette(options, query):
    """Seconds, rows as a table of Arrow and usage of a whole process."""
    before = time.perf_counter()
    process = subprocess.Popen(command(options, query), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = process.stdout.read()
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    table = pyarrow.ipc.open_stream(out).read_all() if out else None
    seconds = time.perf_counter() - before
    if status:
        raise SystemExit(f"vedette failed: {error.decode()}\n{query['kql']}")
    return seconds, table, usage


def plain(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return str(round(value.timestamp() * 1e6))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def our_rows(table, query):
    names = table.column_names
    wanted = [names.index(name) for name in query.get("compare", names)]
    return names, [list(row) for row in zip(*[[plain(value) for value in table.column(i).to_pylist()] for i in wanted])]


def difference(ours, names, theirs, query):
    """What differs between two results, or nothing."""
    about = [names.index(name) for name in query.get("approximate", [])]
    exact = [i for i in range(len(ours[0]) if ours else 0) if i not in about]
    key = lambda row: [row[i] for i in exact]
    ours, theirs = sorted(ours, key=key), sorted(theirs, key=key)
    if len(ours) != len(theirs):
        return f"{len(theirs)} rows for {len(ours)}"
    totals = dict.fromkeys(about, (0.0, 0.0))
    for our_row, their_row in zip(ours, theirs):
        if key(our_row) != key(their_row):
            return f"{their_row} for {our_row}"
        for i in about:
            totals[i] = (totals[i][0] + float(our_row[i]), totals[i][1] + float(their_row[i]))
    for i, (mine, other) in totals.items():
        if abs(mine - other) > APPROXIMATE * mine:
            return f"{names[i]} {other} for {mine} in all rows together"
    return None


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("vedette")
    parser.add_argument("workspace")
    parser.add_argument("parquet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="")
    return parser.parse_args()


def main():
    options = arguments()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    files = sorted(HERE.glob("*.toml"))
    wanted = [part for part in options.only.split(",") if part]
    queries = {f.stem: tomllib.loads(f.read_text()) for f in files if not wanted or any(f.stem.startswith(w) for w in wanted)}
    peers = {engine: Peer(engine, options.parquet, options.threads) for engine in PEERS}
    refused, differing = {}, []
    for name, query in queries.items():
        _, table, _ = vedette(options, query)
        names, ours = our_rows(table, query)
        for engine, peer in peers.items():
            if engine == "polars":
                peer.choose(name)
            answer = peer.ask("rows", name)
            if "error" in answer:
                refused[name, engine] = answer["error"]
            elif found := difference(ours, names, answer["rows"], query):
                differing.append(f"{name}, {engine}: {found}")
                refused[name, engine] = "differs"
    for peer in peers.values():
        wait_until_still(peer)
        peer.rest()
    times = {name: {engine: [] for engine in ["vedette", *PEERS]} for name in queries}
    cpu = {name: [] for name in queries}
    for _ in range(options.rounds):
        for name, query in queries.items():
            seconds, _, usage = warmly(lambda: vedette(options, query))
            times[name]["vedette"].append(seconds)
            cpu[name].append(usage.ru_utime + usage.ru_stime)
            for engine, peer in peers.items():
                if (name, engine) not in refused:
                    answer = asked_alone(peer, name)
                    if "error" in answer:
                        refused[name, engine] = answer["error"]
                    else:
                        times[name][engine].append(answer["seconds"])
    for peer in peers.values():
        peer.close()
    memory = peaks(options, queries, refused, peers["polars"].chosen)
    print_table(queries, times, cpu, memory)
    for (name, engine), why in refused.items():
        if why != "differs":
            print(f"- {name}: {engine} refuses: {why[:160]}")
    for line in differing:
        print(f"- DIFFERS {line[:400]}")
    raise SystemExit(1 if any("duckdb-kql" not in line for line in differing) else 0)


def peaks(options, queries, refused, chosen):
    """Peak memory of a fresh process for each engine and query, in MB. Vedette's is started by a small one: a process inherits the peak of the
    one that starts it."""
    memory = {}
    for name, query in queries.items():
        small = [sys.executable, "-S", "-c", SMALL_PARENT, *command(options, query)]
        memory[name, "vedette"] = int(subprocess.run(small, capture_output=True, check=True).stdout) / 1024
        for engine in PEERS[:3]:
            if (name, engine) not in refused:
                peer = Peer(engine, options.parquet, options.threads, chosen if engine == "polars" else None)
                answer = peer.ask("run", name)
                if "peak_kb" in answer:
                    memory[name, engine] = answer["peak_kb"] / 1024
                peer.close()
    return memory


def print_table(queries, times, cpu, memory):
    print("| query | Vedette ms | DuckDB | Polars | chDB | duckdb-kql | ratio to the best | wanted | peak MB | least of the peers | CPU ms |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, query in queries.items():
        medians = {engine: statistics.median(found) for engine, found in times[name].items() if found}
        ours = medians["vedette"]
        best = min((medians[engine] for engine in PEERS if engine in medians), default=float("nan"))
        cells = [f"{medians[engine] * 1000:.0f}" if engine in medians else "-" for engine in PEERS]
        least = min((memory[name, engine] for engine in PEERS if (name, engine) in memory), default=float("nan"))
        print(f"| {name[:2]} {query['title']} | {ours * 1000:.0f} | {' | '.join(cells)} | {ours / best:.2f} | {query.get('limit', 1.0)} "
              f"| {memory[name, 'vedette']:.0f} | {least:.0f} | {statistics.median(cpu[name]) * 1000:.0f} |")


main()
