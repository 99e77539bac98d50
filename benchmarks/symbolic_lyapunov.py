"""Lyapunov equations in symbols: ours beside SymPy's own solvers, in one run, with and without python-flint.

python benchmarks/symbolic_lyapunov.py

Each line is a fresh process: the first call, then the same with other symbols (the library's tables are warm, SymPy's
cache of expressions does not help), the operations in the answer, and those that are left when ``sympy.cse`` shares
common parts. A process that takes more than 30 seconds of CPU time is stopped: "did not finish".
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import sympy as sp
from sympy.polys.matrices import DomainMatrix

import sgdtheory as st

LIMIT = 30  # seconds
CASES = ((2, False), (2, True), (3, False), (3, True), (4, False), (4, True))


def symmetric(name: str, d: int) -> sp.Matrix:
    return sp.Matrix(d, d, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}"))


def linear_system(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> tuple[list[sp.Symbol], sp.Matrix, sp.Matrix]:
    """Return the unknown entries of S, and the system that they solve."""
    d = H.rows
    S = symmetric("s", d)
    residual = S - H * S * H.T - Q if discrete else H * S + S * H.T - Q
    unknown = [S[i, j] for i in range(d) for j in range(i, d)]
    equations = [residual[i, j] for i in range(d) for j in range(i, d)]
    return unknown, *sp.linear_eq_to_matrix(equations, unknown)


def linsolve(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    unknown, matrix, right = linear_system(H, Q, discrete)
    return list(next(iter(sp.linsolve((matrix, right), unknown))))


def matrix_lu_solve(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    _, matrix, right = linear_system(H, Q, discrete)
    return list(matrix.LUsolve(right))


def _domain(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> tuple[DomainMatrix, DomainMatrix]:
    _, matrix, right = linear_system(H, Q, discrete)
    left, side = DomainMatrix.from_Matrix(matrix).unify(DomainMatrix.from_Matrix(right))
    return left.to_dense(), side.to_dense()


def domain_lu_solve(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    matrix, right = _domain(H, Q, discrete)
    return list(matrix.to_field().lu_solve(right.to_field()).to_Matrix())


def domain_charpoly(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    matrix, right = _domain(H, Q, discrete)
    numerator, denominator = matrix.solve_den(right, method="charpoly")
    scale = matrix.domain.to_sympy(denominator)
    return [entry / scale for entry in numerator.to_Matrix()]


def ours(H: sp.Matrix, Q: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    S = st.solve_lyapunov(H, Q, discrete=discrete)
    return [S[i, j] for i in range(H.rows) for j in range(i, H.rows)]


METHODS: dict[str, Callable[[sp.Matrix, sp.Matrix, bool], list[sp.Expr]]] = {
    "ours": ours,
    "linsolve": linsolve,
    "Matrix.LUsolve": matrix_lu_solve,
    "DomainMatrix.lu_solve": domain_lu_solve,
    "DomainMatrix.solve_den": domain_charpoly,
}


def is_right(H: sp.Matrix, Q: sp.Matrix, discrete: bool, entries: list[sp.Expr]) -> bool:
    """Return whether an answer leaves no residual at a rational point, in exact arithmetic."""
    d = H.rows
    symbols = sorted(sp.Matrix([H, Q]).free_symbols, key=str)
    point = {symbol: sp.Rational(3 * k**2 + 2 * k + 5, 7) for k, symbol in enumerate(symbols)}
    values = iter(entry.xreplace(point) for entry in entries)
    S = sp.zeros(d, d)
    for i in range(d):
        for j in range(i, d):
            S[i, j] = S[j, i] = next(values)
    H, Q = H.xreplace(point), Q.xreplace(point)
    return (S - H * S * H.T if discrete else H * S + S * H.T) == Q


def measure(method: str, d: int, discrete: bool) -> str:
    """Return one line of the table; runs in a process of its own."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    times = []
    for names in ("hq", "gp"):
        H, Q = (symmetric(name, d) for name in names)
        began = time.process_time()
        entries = METHODS[method](H, Q, discrete)
        times.append(1e3 * (time.process_time() - began))
        if times[0] > 1e3 * LIMIT / 3:
            break  # no time for a second call
    shared, rest = sp.cse(entries)
    operations = sum(map(sp.count_ops, entries))
    short = sum(map(sp.count_ops, [*rest, *(expression for _, expression in shared)]))
    right = "" if is_right(H, Q, discrete, entries) else "  WRONG"
    first, again = (f"{spent:.1f}" for spent in times) if len(times) == 2 else (f"{times[0]:.1f}", "-")
    return f"{first:>10} {again:>10} {operations:>10} {short:>8}{right}"


def run(method: str, d: int, discrete: bool, ground: str) -> str:
    command = [sys.executable, __file__, method, str(d), str(int(discrete))]
    environment = {**os.environ, "SYMPY_GROUND_TYPES": ground}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode < 0:  # stopped by the limit
        return f"{'did not finish':>21}"
    return done.stdout.rstrip("\n") if done.returncode == 0 else f"failed: {done.stderr.strip().splitlines()[-1][:60]}"


def main() -> None:
    for ground in ("flint", "python"):
        print(f"\nSymPy {sp.__version__}, ground types {ground}; limit {LIMIT} s of CPU time for each process")
        print(f"{'':<40} {'first ms':>10} {'again ms':>10} {'operations':>10} {'shared':>8}")
        for d, discrete in CASES:
            equation = "S - A S A' = Q" if discrete else "H S + S H = Q"
            for method in METHODS:
                if d == 4 and method not in ("ours", "DomainMatrix.solve_den"):
                    continue  # hopeless: they are at their limit at d = 3
                print(f"{d}x{d} {equation:<14} {method:<23} {run(method, d, discrete, ground)}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(measure(sys.argv[1], int(sys.argv[2]), bool(int(sys.argv[3]))))
    else:
        main()
