"""Agreement over Parquet larger than memory: DuckDB held to 1 GB counts the patterns.

Writes a file of simulated codes (3 coders, 7 codes; its size is printed) into a temporary folder,
and checks the count of units against one by SQL alone. Run with `python benchmarks/parquet.py
[millions of units]`.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb

import stancepack as sp

UNITS = int(float(sys.argv[1] if len(sys.argv) > 1 else 50) * 1_000_000)

with tempfile.TemporaryDirectory() as folder:
    file, spill = Path(folder) / "codes.parquet", Path(folder) / "spill"
    link = duckdb.connect(
        config={"memory_limit": "1GB", "temp_directory": str(spill), "threads": 2}
    )
    # codes are hashed from unit and coder, so that the same can be made again; the name of a unit
    # is long, as names are
    link.sql(f"""
        COPY (SELECT md5(unit::VARCHAR) AS unit, coder,
                     CASE WHEN hash(unit, coder) % 10 < 7 THEN hash(unit) % 7
                          ELSE hash(coder, unit) % 7 END AS code
              FROM range({UNITS}) AS units(unit), range(3) AS coders(coder))
        TO '{file}' (FORMAT parquet)
    """)
    size = file.stat().st_size / 1e9
    start = time.perf_counter()
    there = link.read_parquet(str(file))
    result = sp.agreement(
        there, level="nominal", unit="unit", coder="coder", value="code", draws=1000
    )
    took = time.perf_counter() - start
    counts = link.sql(f"""
        SELECT a, b, c, count(*) AS n FROM (
            SELECT max(CASE coder WHEN 0 THEN code END) AS a,
                   max(CASE coder WHEN 1 THEN code END) AS b,
                   max(CASE coder WHEN 2 THEN code END) AS c
            FROM '{file}' GROUP BY unit) GROUP BY ALL
    """).fetchall()
print(f"{UNITS:,} units, Parquet of {size:.2f} GB, DuckDB with 1 GB: {took:.0f} s, {result}")
assert sum(row[3] for row in counts) == UNITS == result.n_units
agreeing = sum(n * ((a == b) + (a == c) + (b == c)) / 3 for a, b, c, n in counts) / UNITS
print(f"percent agreement by SQL alone {agreeing:.6f}")
