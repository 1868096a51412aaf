"""What loading the shipped data costs beyond importing pandas: medians of seven fresh processes."""

import statistics
import subprocess
import sys
import time

CASES = {
    "import pandas": "import pandas",
    "import stancepack": "import stancepack",
    "load()": "import stancepack as sp; sp.load()",
    "load(), statements": "import stancepack as sp; sp.load()['statements']",
    "load(), every table, codebook": "import stancepack as sp; p = sp.load(); "
    "[p[t] for t in p]; p.codebook",
    "load(), positions()": "import stancepack as sp; sp.load().positions()",
    "validate()": "import stancepack as sp; sp.validate()",
}


def seconds(code: str) -> float:
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


nothing = seconds("pass")
pandas = seconds(CASES["import pandas"]) - nothing
print(f"{'':32}{'seconds':>9}{'beyond pandas':>15}")
for name, code in CASES.items():
    took = seconds(code) - nothing
    beyond = (
        f"{took - pandas:15.3f}"
        if name not in ("import pandas", "import stancepack")
        else f"{'':15}"
    )
    print(f"{name:32}{took:9.3f}{beyond}")
