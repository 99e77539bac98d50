"""Symbolic moments, batches and recursions: ours beside sympy.stats and plain SymPy, in one run.

python benchmarks/symbolic_moments.py

Ours is the first call, then the median of seven more, when SymPy's caches are warm; the very first row also pays for
what SymPy loads late. sympy.stats and SymPy run once each, to be held against our first call, in a process of their own
that is ended after LIMIT seconds; starting Python and importing SymPy is not counted. Where theirs gives an
answer, it is compared with ours.
"""

import itertools
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.cumulants import moments_from_cumulants
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.processes.update import update

LIMIT = 20
x = sp.symbols("x1:5", real=True)
mu, s, eta, h, C, m = sp.symbols("mu s eta h C m", positive=True)
c = {(a, b): sp.Symbol(f"c_{a}{b}", positive=True) for a, b in itertools.combinations_with_replacement(x, 2)}
NUMBERS = {(a, b): sp.Integer(2 if a == b else 1) / (1 + abs(x.index(a) - x.index(b))) for a, b in c}
CENTRED = dict.fromkeys(x, sp.Integer(0))


def heavy_ball() -> sp.Expr:
    position, velocity, noise, momentum = sp.symbols("position velocity noise momentum", real=True)
    after = update(position, velocity, h * position + noise, learning_rate=eta, momentum=momentum)
    recursion = moment_recursion(
        after, [position, velocity], lambda e: expectation(e, {noise: 0}, {(noise, noise): C / m})
    )
    return recursion.stationary()[position**2]


def feature_batch() -> sp.Expr:
    a, D = sp.symbols("a D")
    return batch_cumulant((a,) * 4, sp.Function("mean"), D, m, replacement=False)


OURS: dict[str, Callable[[], object]] = {
    "E[x1 x2 x3 x4], correlated, symbols": lambda: expectation(sp.prod(x), CENTRED, c, higher="gaussian"),
    "E[x1 x2 x3 x4], correlated, numbers": lambda: expectation(sp.prod(x), CENTRED, NUMBERS, higher="gaussian"),
    "E[x1^2 x2^2], correlated, numbers": lambda: expectation(
        x[0] ** 2 * x[1] ** 2, CENTRED, NUMBERS, higher="gaussian"
    ),
    "E[x^8], mean and variance symbols": lambda: expectation(
        x[0] ** 8, {x[0]: mu}, {(x[0],) * 2: s**2}, higher="gaussian"
    ),
    "E[(x1 + x2 + x3)^6], independent": lambda: expectation(
        (x[0] + x[1] + x[2]) ** 6, CENTRED, {(name, name): 1 for name in x[:3]}, higher="gaussian"
    ),
    "E[(x1 + x2 + x3 + x4)^8], 10 symbols": lambda: expectation(sum(x) ** 8, CENTRED, c, higher="gaussian"),
    "6th moment of an exponential": lambda: moments_from_cumulants([sp.factorial(n - 1) * s**n for n in range(1, 7)]),
    "4th cumulant of a batch, no replacement": feature_batch,
    "heavy ball, step to stationary variance": heavy_ball,
}

PRELUDE = """
import itertools, pickle, time, warnings
import sympy as sp
from sympy.stats import E, Exponential, Normal, moment
warnings.simplefilter("ignore")
x = sp.symbols("x1:5", real=True)
mu, s, eta, h, C, m = sp.symbols("mu s eta h C m", positive=True)
c = {(a, b): sp.Symbol(f"c_{a}{b}", positive=True) for a, b in itertools.combinations_with_replacement(x, 2)}
def table(entry, d):
    return [[entry(*sorted((i, j))) for j in range(d)] for i in range(d)]
numbers = lambda i, j: sp.Integer(2 if i == j else 1) / (1 + abs(i - j))
began = time.perf_counter()
"""
THEIRS = {
    "E[x1 x2 x3 x4], correlated, symbols": """
X = Normal("X", [0] * 4, table(lambda i, j: c[x[i], x[j]], 4))
answer = E(X[0] * X[1] * X[2] * X[3])""",
    "E[x1 x2 x3 x4], correlated, numbers": """
X = Normal("X", [0] * 4, table(numbers, 4))
answer = E(X[0] * X[1] * X[2] * X[3])""",
    "E[x1^2 x2^2], correlated, numbers": """
X = Normal("X", [0, 0], table(numbers, 2))
answer = E(X[0] ** 2 * X[1] ** 2)""",
    "E[x^8], mean and variance symbols": """
answer = sp.expand(E(Normal("X", mu, s) ** 8))""",
    "E[(x1 + x2 + x3)^6], independent": """
answer = E((Normal("X", 0, 1) + Normal("Y", 0, 1) + Normal("Z", 0, 1)) ** 6)""",
    "6th moment of an exponential": """
answer = moment(Exponential("X", 1 / s), 6)""",
    "heavy ball, step to stationary variance": """
mu = sp.Symbol("momentum", real=True)
A = sp.Matrix([[1 - eta * h, -eta * mu], [h, mu]])
B = sp.Matrix([-eta, 1])
S = sp.Matrix(2, 2, sp.symbols("a b b d"))
a = S[0, 0]
answer = sp.solve(list(A * S * A.T + B * B.T * C / m - S), [a, S[0, 1], S[1, 1]])[a]""",
}


def theirs(name: str) -> tuple[str, sp.Expr | None]:
    """Return the time of sympy.stats, or of SymPy, in milliseconds, or why there is none, and the answer."""
    if name not in THEIRS:
        return "-", None
    code = f"{PRELUDE}{THEIRS[name]}\nprint(time.perf_counter() - began)\nprint(pickle.dumps(answer).hex())"
    try:
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"did not finish in {LIMIT} s", None
    if run.returncode:
        return f"failed: {run.stderr.strip().splitlines()[-1]}"[:60], None
    spent, answer = run.stdout.splitlines()
    return f"{1e3 * float(spent):.1f}", pickle.loads(bytes.fromhex(answer))


def agree(mine: object, other: sp.Expr) -> bool:
    """Return whether two answers are the same function."""
    value = mine[-1] if isinstance(mine, tuple) else mine
    return sp.cancel(value - other) == 0


if __name__ == "__main__":
    print(f"{'':<42}{'first ms':>9}{'then ms':>9}  sympy ms")
    for name, ours in OURS.items():
        times = []
        for _ in range(8):
            began = time.perf_counter()
            answer = ours()
            times.append(1e3 * (time.perf_counter() - began))
        text, other = theirs(name)
        verdict = "" if other is None else ", agree" if agree(answer, other) else ", DIFFERENT"
        print(f"{name:<42}{times[0]:>9.2f}{statistics.median(times[1:]):>9.2f}  {text}{verdict}", flush=True)
