"""What ``import sgdtheory`` costs over starting Python; the goal is at most 50 ms.

python benchmarks/import_time.py
"""

import statistics
import subprocess
import sys
import time


def seconds(code: str) -> float:
    """Return the wall time of a fresh interpreter running some code."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


CODES = {"python": "pass", "sgdtheory": "import sgdtheory", "numpy": "import numpy", "sympy": "import sympy"}

if __name__ == "__main__":
    rounds = [{name: seconds(code) for name, code in CODES.items()} for _ in range(15)]
    bare = statistics.median(times["python"] for times in rounds)
    print(f"bare python {1e3 * bare:.1f} ms; medians of 15 interleaved rounds, over bare python:")
    for name in list(CODES)[1:]:
        over = statistics.median(times[name] - times["python"] for times in rounds)
        print(f"  import {name:<10} {1e3 * over:6.1f} ms")
