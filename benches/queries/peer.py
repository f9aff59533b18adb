"""One engine with the benches' queries: reads `{"run": NAME}` or `{"rows": NAME}` a line, answers a JSON object a line.

usage: peer.py ENGINE FOLDER_OF_PARQUET FOLDER_OF_QUERIES THREADS
ENGINE is duckdb, duckdb-kql, polars or chdb. A run is timed until all rows are there in Arrow's form. `"engine"` in a request says which
of its two Polars takes. Ends with 3 where it takes more than half of the machine's memory.
"""

import datetime
import json
import os
import sys
import threading
import time
import tomllib
from pathlib import Path

DYNAMIC = ["Agent", "AppliedEventListeners", "ConditionalAccessPolicies", "DeviceDetail", "LocationDetails", "MfaDetail",
           "Status", "TokenProtectionStatusDetails"]


def anomalies(table):
    """(user, hour, count) to (user, anomalies, their sum): `series_decompose_anomalies(.., 3.0, 24, "linefit")` of all users at once."""
    import numpy as np
    import pyarrow.compute as pc

    users = pc.dictionary_encode(table.column(0)).combine_chunks()
    values = np.zeros((len(users.dictionary), 360))
    values[users.indices.to_numpy(), table.column(1).to_numpy()] = table.column(2).to_numpy()
    seasonal = np.tile(np.median(values.reshape(len(values), 15, 24), axis=1), 15)
    rest, x = values - seasonal, np.arange(360) - 179.5
    slope = rest @ x / (x @ x)
    residual = rest - (rest.mean(axis=1)[:, None] + slope[:, None] * x)
    low, high = np.percentile(residual, [10, 90], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(residual > high[:, None], (residual - high[:, None]) / (high - low)[:, None], 0.0) * 2.7726056055
    flags = score > 3.0
    found = flags.any(axis=1)
    names = users.dictionary.to_pylist()
    totals, sums = flags.sum(axis=1), (values * flags).sum(axis=1)
    return [[names[i], int(totals[i]), int(sums[i])] for i in np.flatnonzero(found)]


class DuckDb:
    def connect(self):
        import duckdb

        return duckdb.connect()

    def __init__(self, folder, threads):
        self.con = self.connect()
        self.con.execute(f"set threads to {threads}; set enable_progress_bar to false; set timezone to 'UTC'")
        self.con.execute(f"create view SigninLogs as select * from read_parquet('{folder}/*.parquet', union_by_name=true)")

    def prepare(self, query):
        return query["duckdb"]

    def run(self, text, _=None):
        return self.con.sql(text).to_arrow_table()


class DuckDbKql(DuckDb):
    def connect(self):
        import duckdb_kql

        self.kql = duckdb_kql
        return duckdb_kql.connect()

    def __init__(self, folder, threads):
        super().__init__(folder, threads)
        casts = ", ".join(f'"{name}"::JSON as "{name}"' for name in DYNAMIC)
        self.con.execute("drop view SigninLogs")
        self.con.execute(f"create view SigninLogs as select * replace ({casts}) from "
                         f"read_parquet('{folder}/*.parquet', union_by_name=true)")

    def prepare(self, query):
        return query["kql"]

    def run(self, text, _=None):
        return self.kql.query(self.con, text).to_arrow_table()


class Polars:
    def __init__(self, folder, threads):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars

        self.pl = polars
        self.folder = folder

    def prepare(self, query):
        pl, utc = self.pl, datetime.timezone.utc
        names = {"pl": pl, "t": pl.scan_parquet(f"{self.folder}/*.parquet", missing_columns="insert"),
                 "day": lambda n: datetime.datetime(2026, 1, n, tzinfo=utc)}
        return eval(query["polars"].strip(), names)

    def run(self, frame, engine=None):
        return frame.collect(engine=engine or "streaming").to_arrow()


class Chdb:
    def __init__(self, folder, threads):
        from chdb import session

        self.session = session.Session()
        self.threads = threads
        self.session.query("create database if not exists bench")
        self.session.query(f"create view bench.SigninLogs as select * from file('{folder}/*.parquet', Parquet)")

    def prepare(self, query):
        return query["chdb"].replace("SigninLogs", "bench.SigninLogs") + f" settings max_threads = {self.threads}"

    def run(self, text, _=None):
        import io

        import pyarrow

        answer = self.session.query(text, "ArrowStream").bytes()
        return pyarrow.ipc.open_stream(io.BytesIO(answer)).read_all() if answer else pyarrow.table({})


ENGINES = {"duckdb": DuckDb, "duckdb-kql": DuckDbKql, "polars": Polars, "chdb": Chdb}


def plain(value):
    """A value as all engines can write it: text, whole numbers, times as microseconds, reals with six digits."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime.datetime():
            value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
            return str(round(value.timestamp() * 1e6))
        case float():
            return f"{value:.6g}"
        case bytes():
            return value.decode()
        case _:
            return str(value)


def peak_kb():
    """Of this program alone: `ru_maxrss` has the peak of the process that started it, too."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def guard_memory():
    """Ends the process before the system does, which would end others, too."""
    page = os.sysconf("SC_PAGE_SIZE")
    limit = os.sysconf("SC_PHYS_PAGES") // 2
    while int(Path("/proc/self/statm").read_text().split()[1]) < limit:
        time.sleep(0.2)
    print(f"more than {limit * page >> 30} GB", file=sys.stderr, flush=True)
    os._exit(3)


def main():
    threading.Thread(target=guard_memory, daemon=True).start()
    engine, folder, queries, threads = sys.argv[1:5]
    peer = ENGINES[engine](folder, int(threads))
    prepared = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request.get("run") or request["rows"]
        try:
            if name not in prepared:
                query = tomllib.loads((Path(queries) / f"{name}.toml").read_text())
                prepared[name] = (query, peer.prepare(query))
            query, text = prepared[name]
            before = time.perf_counter()
            table = peer.run(text, request.get("engine"))
            after = query.get("after") if engine != "duckdb-kql" else None
            if after:
                rows = globals()[after](table)
            answer = {"seconds": time.perf_counter() - before}
            if "rows" in request:
                if not after:
                    names = [name.split(".")[-1] for name in table.column_names]
                    wanted = [names.index(name) for name in query.get("compare", names)]
                    rows = list(zip(*[[plain(value) for value in table.column(i).to_pylist()] for i in wanted]))
                answer["rows"] = [[plain(value) for value in row] for row in rows]
        except Exception as error:  # A peer's refusal is part of the table.
            answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
        answer["peak_kb"] = peak_kb()
        print(json.dumps(answer), flush=True)


main()
