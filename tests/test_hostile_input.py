"""Texts that attack or are broken: nothing runs, nothing is opened, nothing hangs, and the error is one of ours.

Run as a script this file is its own victim: a child process, where an audit hook notes whatever the interpreter does
while it reads the texts, and prints that.
"""

import contextlib
import gc
import io
import json
import random
import subprocess
import sys
import time
from collections import deque

import numpy as np
import pandas as pd
import pytest
import sympy as sp
from sympy.core.cache import clear_cache
from sympy.stats import Normal
from typer.main import get_command

import sgdtheory as st
from sgdtheory.algebra.batches import batch_expectation, batch_mean_covariance
from sgdtheory.algebra.blocks import linear_solution
from sgdtheory.algebra.cumulants import cumulants_from_moments
from sgdtheory.algebra.fokker_planck import residual
from sgdtheory.algebra.lowest_terms import common_ring
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.algebra.operator_equation import solve_operator
from sgdtheory.algebra.ornstein_uhlenbeck import gaussian_density
from sgdtheory.algebra.parser import parse
from sgdtheory.algebra.recursion import coefficients, course, fixed_point, moment_recursion
from sgdtheory.algebra.square_roots import SquareRoots
from sgdtheory.algebra.stability import inside_unit_circle, no_real_root_from_one, positivity
from sgdtheory.algebra.traces import matrix_gradient
from sgdtheory.cli import app
from sgdtheory.errors import ParseError, SGDTheoryError
from sgdtheory.losses.from_loss import from_loss

CANARY = "sgdtheory_canary"  # what a payload would make in the working folder
HOSTILE = [
    # Code.
    f"__import__('os').mkdir('{CANARY}')",
    f"__import__('os').system('mkdir {CANARY}')",
    f"exec(\"import os; os.mkdir('{CANARY}')\")",
    f'eval(\'__import__("os").mkdir("{CANARY}")\')',
    f"open('{CANARY}', 'w')",
    f"(lambda: __import__('os').mkdir('{CANARY}'))()",
    f"[__import__('os').mkdir('{CANARY}') for x in (1,)]",
    f"x); __import__('os').mkdir('{CANARY}'); (x",
    f"x\nimport os\nos.mkdir('{CANARY}')",
    f"import os; os.mkdir('{CANARY}')",
    f"Symbol('x').func(\"__import__('os').mkdir('{CANARY}')\")",
    f"sympify(\"__import__('os').mkdir('{CANARY}')\")",
    f"$(mkdir {CANARY})",
    f"`mkdir {CANARY}`",
    f"x | mkdir {CANARY}",
    f"x; mkdir {CANARY}",
    f"@import_module('os').mkdir('{CANARY}')",
    f"f\"{{__import__('os').mkdir('{CANARY}')}}\"",
    "().__class__.__base__.__subclasses__()",
    "x.__class__.__mro__",
    "(1).__reduce_ex__(2)",
    "exp.__globals__",
    "theta.subs(x, 1)",
    "x.is_commutative",
    "getattr(x, 'func')",
    "globals()",
    "breakpoint()",
    "exit()",
    "x if x else y",
    "x := 3",
    "print(x)",
    "not x",
    "x and y",
    "x[0]",
    "{x: y}",
    "'x' * 3",
    "\\input{/etc/passwd}",
    "\\immediate\\write18{id}",
    "^^5cinput",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    # Too much.
    "9**9**9**9",
    "2**(2**(2**(2**(2**2))))",
    "((x**16)**16)**16",
    "(a + b + c + d + e + f + g)**16",
    "10**-10**10",
    "1e999999999",
    "1e-999999999",
    "0." + "0" * 900 + "1",
    "9" * 999,
    "exp(exp(exp(exp(9))))",
    "exp(" * 40 + "x" + ")" * 40,
    "exp(10**15)",
    "sinh(1e30)",
    "(" * 499 + "x" + ")" * 499,
    "(" * 1000,
    "-" * 999 + "x",
    "x" + "**2" * 300,
    "+".join(["x"] * 500),
    "x" * 100_000,
    "log(sinh((sqrt(theta**3) + 1/1000)**-16))",  # SymPy needs minutes for its imaginary part
    # No formula.
    "",
    " ",
    "x +",
    "2x",
    "x 2",
    "x = 3",
    "x == 3",
    "x > 3",
    "1 / 0",
    "0**-1",
    "log(0)",
    "sqrt(-1)",
    "I*x",
    "nan",
    "oo - oo",
    "0x1F",
    "1j",
    "1_000",
    "x!",
    "5 % 3",
    "~x",
    "x, y",
    "exp",
    "exp()",
    "exp(x, y)",
    "foo(x)",
    "x(y)",
    # Letters that look like others, or like nothing.
    "ｅｘｐ(x)",
    "θ**2",
    "x²",
    "x\u200b+ 1",
    "x\u202e+ 1",
    "x\x00y",
    "\ufeffx",
    "x\x1b[2J",
    "1٣",
    "\ud800",
    "😀",
]
DANGEROUS = ("exec", "compile", "open", "import", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "pickle.")
CPU_SECONDS = 0.05


def loss_of(text):
    return from_loss(text, "theta", {"x": Normal("x", 0, 1)})


ROUTES = {
    "parse": parse,
    "loss": loss_of,
    "parameter": lambda text: from_loss("(theta - x)**2", [text], {"x": Normal("x", 0, 1)}),
    "data symbol": lambda text: from_loss("(theta - x)**2", "theta", {text: Normal("x", 0, 1)}),
    "law": lambda text: from_loss("(theta - x)**2", "theta", {"x": text}),
    "moment": lambda text: from_loss("(theta - x)**2", "theta", {"x": {text: 1}}),
}
SHELL = get_command(app)  # once, because typer reads its own annotations with eval, and so does its runner
LOSS = ["loss", "--parameters", "theta", "--data", "x = Normal(0, 1)"]
COMMANDS = {
    **{name: lambda text, name=name: [name, "--", text] for name in ("show", "derive", "verify", "cite")},
    "loss": lambda text: [*LOSS, "--", text],
    "loss --data": lambda text: [*LOSS[:3], f"--data={text}", "(theta - x)**2"],
    "loss --parameters": lambda text: [*LOSS, f"--parameters={text}", "(theta - x)**2"],
    "loss --learning-rate": lambda text: [*LOSS, f"--learning-rate={text}", "--batch-size=2", "(theta - x)**2"],
}


def through_shell(arguments):
    """Return a route through the command line, whose failure is raised as the error that a person would see."""

    def route(text):
        out, err, code = io.StringIO(), io.StringIO(), None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                SHELL.main(args=arguments(text), prog_name="sgdtheory")
            except SystemExit as leaving:
                code = leaving.code
        if code == 2 and err.getvalue().startswith("error: ") and "to mend: " in err.getvalue():
            raise SGDTheoryError("refused", got="", allowed="", mend="")
        raise AssertionError(f"exit code {code}: {out.getvalue()[:200]} {err.getvalue()[:200]}")

    return route


ROUTES |= {name: through_shell(arguments) for name, arguments in COMMANDS.items()}


def cpu_seconds(route, text):
    """Return what became of a text and the CPU time it took, SymPy's memory being empty."""
    clear_cache()
    began = time.process_time()
    try:
        found = route(text)
    except Exception as error:
        return error, time.process_time() - began
    return found, time.process_time() - began


def victim():
    """Read every text by every route; print what happened, as JSON."""
    events, watching = [], False

    def note(event, arguments):
        if watching and event.startswith(DANGEROUS):
            events.append(f"{event} {str(arguments)[:200]}")

    for route in ROUTES.values():  # everything that is imported late is imported now
        for text in ("theta +", "2x", "unknown_name"):
            with contextlib.suppress(SGDTheoryError, AssertionError):
                route(text)
    sys.addaudithook(note)
    gc.disable()
    found, watching = [], True
    compile("1", "seen by the hook", "eval")
    for name, route in ROUTES.items():
        for text in HOSTILE:
            watching = True
            outcome, cpu = cpu_seconds(route, text)
            cpu = min(cpu, cpu_seconds(route, text)[1]) if cpu > CPU_SECONDS else cpu
            watching = False
            refused = isinstance(outcome, SGDTheoryError)
            shown = str(outcome) if isinstance(outcome, Exception) else repr(outcome)
            found.append([name, text[:60], refused, shown[:300], cpu])
        gc.collect()
    print(json.dumps({"events": events, "found": found}))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    run = subprocess.run([sys.executable, __file__], cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
    return {**json.loads(run.stdout), "left": sorted(path.name for path in folder.iterdir())}


def test_nothing_runs(attacked):
    """Neither a command nor code nor a file, in any of the routes; the hook itself sees what a payload would do."""
    assert attacked["events"] == ["compile (b'1', 'seen by the hook')"]
    assert attacked["left"] == []


def test_the_audit_hook_would_have_seen_it(tmp_path):
    """The check can fail: SymPy's own reader runs the first text."""
    code = (
        "import sys; from sympy import sympify; seen = []\n"
        "sys.addaudithook(lambda event, arguments: seen.append(event))\n"
        f"try: sympify({HOSTILE[0]!r})\n"
        "except Exception: pass\n"
        "print(*seen)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert {"exec", "compile", "os.mkdir"} <= set(run.stdout.split())
    assert (tmp_path / CANARY).exists()


def test_every_text_is_refused_with_our_error_at_once(attacked):
    assert len(HOSTILE) >= 60
    wrong = [entry[:4] for entry in attacked["found"] if not entry[2]]
    assert wrong == []
    slowest = max(attacked["found"], key=lambda entry: entry[4])
    print(f"{len(attacked['found'])} refusals, the slowest {1e3 * slowest[4]:.1f} ms of CPU: {slowest[:2]}")
    assert slowest[4] < CPU_SECONDS, slowest


# 20,000 texts by a seeded generator: formulas, formulas with mistakes, heaps of signs, any letters at all.

FUNCTIONS = ["exp", "log", "sqrt", "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf"]
NUMBERS = ["0", "1", "2", "3", "7", "16", "17", "64", "100", "99999999999999999999"]
NUMBERS += ["0.1", ".5", "2.", "1e3", "1e-9", "1e400", "1/3", "3.14"]
PLAIN = {name: sp.Symbol(name) for name in ("x", "y", "theta", "a_1", "lambda")}
LEAVES = ["x", "y", "theta", "a_1", "lambda", "pi", "E", "I", "oo", *NUMBERS]
POWERS = ["2", "3", "-1", "(1/2)", "16", "-16", "(-3/2)", "x", "0.3", "0"]
PIECES = [*LEAVES, *FUNCTIONS, *"+-*/^(),.=_[]{}'\"\\:;!@#$%&|<>~` \n\t", "**", "//", "lambda:"]
PIECES += ["θ", "²", "ｘ", "\x00", "😀"]


def formula(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.2:
        return rng.choice(LEAVES)
    if kind < 0.5:
        return formula(rng, depth - 1) + rng.choice("+-*/") + formula(rng, depth - 1)
    if kind < 0.6:
        return f"-({formula(rng, depth - 1)})"
    if kind < 0.75:
        return f"({formula(rng, depth - 1)})**{rng.choice(POWERS)}"
    return f"{rng.choice(FUNCTIONS)}({formula(rng, depth - 1)})"


def fuzzed(rng):
    kind = rng.random()
    if kind < 0.4:
        return formula(rng, rng.randint(1, 7))
    if kind < 0.75:
        letters = list(formula(rng, rng.randint(1, 6)))
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(letters))
            letters[place] = rng.choice(["", rng.choice(PIECES), letters[place] + rng.choice(PIECES)])
        return "".join(letters)
    if kind < 0.95:
        return "".join(rng.choices(PIECES, k=rng.randint(0, 30)))
    return "".join(map(chr, rng.choices([*range(128), *range(0x2FFF), *range(0x1F600, 0x1F700)], k=rng.randint(0, 40))))


def test_twenty_thousand_fuzzed_texts():
    rng, data, found = random.Random(20_000), {"x": Normal("x", 0, 1)}, None
    taken = {True: [], False: []}
    for number in range(20_000):
        text = fuzzed(rng)
        names = PLAIN if number % 2 else None  # of symbols without assumptions SymPy asks more
        began = time.process_time()
        try:
            found = parse(text, names)
        except ParseError:
            seconds = time.process_time() - began
            if names is None:
                with pytest.raises(SGDTheoryError):
                    from_loss(text, "theta", data)
        else:
            seconds = time.process_time() - began
            assert isinstance(found, sp.Expr)
            assert not found.has(sp.I, sp.nan, sp.oo, -sp.oo, sp.zoo)
        taken[found is not None].append((seconds, text, names))
        found = None
    assert 5_000 < len(taken[True]) < 15_000
    for is_formula, limit in ((True, 4 * CPU_SECONDS), (False, CPU_SECONDS)):
        # The slowest ones again, without the pauses of the garbage collector, which fall on any text.
        slowest = sorted(taken[is_formula], key=lambda entry: -entry[0])[:20]
        gc.disable()
        try:
            again = max(
                (min(cpu_seconds(lambda t, n=names: parse(t, n), text)[1] for _ in range(3)), text)
                for _, text, names in slowest
            )
        finally:
            gc.enable()
        kind = "formulas read" if is_formula else "texts refused"
        print(f"{len(taken[is_formula])} {kind}, the slowest in {1e3 * again[0]:.1f} ms of CPU: {again[1]!r}")
        assert again[0] < limit


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_the_message_is_short_and_printable(text):
    with pytest.raises(ParseError) as caught:
        parse(text)
    message = str(caught.value)
    assert len(message) < 700
    assert all(" " <= letter <= "~" or letter == "\n" for letter in message)


TEXT = f"__import__('os').mkdir('{CANARY}')"
ONE = sp.Matrix([[1]])


def in_symbols():
    return st.Quadratic(ONE, ONE)


def stated(**others):
    return st.from_loss("(a - x)**2", "a", {"x": Normal("x", 0, sp.Symbol("s", positive=True))}, **others)


@pytest.mark.parametrize(
    "call",
    [
        lambda: st.Quadratic([[TEXT]], ONE),
        lambda: st.Quadratic(np.array([[TEXT]], dtype=object), ONE),
        lambda: st.Quadratic(ONE, ONE, minimum=[TEXT]),
        lambda: st.Quadratic(ONE, ONE, dataset_size=TEXT),
        lambda: st.LeastSquares([[TEXT]], ONE),
        lambda: st.LeastSquares(ONE, [1], ridge=TEXT),
        lambda: st.SGD(TEXT, 1),
        lambda: st.SGD(0.1, TEXT),
        lambda: st.transient_law(in_symbols(), st.SGD(0.1, 1), start=[TEXT], steps=3).mean,
        lambda: st.transient_law(in_symbols(), st.SGD(0.1, 1), start=[1], steps=TEXT).mean,
        lambda: st.optimal_step(in_symbols(), theta=[TEXT], batch_size=1),
        lambda: st.optimal_step(in_symbols(), theta=[1], cost=(TEXT, 1)),
        lambda: st.evaluate(
            st.results["quadratic.stationary_covariance"], hessian=ONE, noise=ONE, learning_rate=TEXT, batch_size=1
        ),
        lambda: st.solve_lyapunov([[TEXT]], ONE),
        lambda: st.solve_lyapunov(ONE, [[TEXT]]),
        lambda: stated().at({"s": TEXT}),
        lambda: stated().at({TEXT: 1}),
        lambda: stated().noise_at([TEXT]),
        lambda: stated(minimum=[TEXT]),
        lambda: stated(dataset_size=TEXT),
        lambda: st.from_loss("(a - x)**2", "a", {"x": {1: TEXT, 2: 1}}),
        lambda: st.from_loss("(a - x)**2", "a", {"x": {TEXT: 1}}),
        lambda: st.from_loss("(a - x)**2", "a", {"x": [TEXT, "1"]}),
        lambda: st.from_loss("(a - x)**2", "a", {TEXT: Normal("x", 0, 1)}),
        lambda: st.from_loss("(a - x)**2", TEXT, {"x": Normal("x", 0, 1)}),
        lambda: st.from_loss((sp.Symbol(TEXT) - sp.Symbol("x")) ** 2, sp.Symbol(TEXT), {"x": Normal("x", 0, 1)}),
        lambda: st.derive(TEXT),
    ],
)
def test_text_in_place_of_numbers_is_refused_and_never_run(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SGDTheoryError):
        call()
    assert not (tmp_path / CANARY).exists()


class HasArray:
    def __array__(self, dtype=None, copy=None):
        return np.array([TEXT], dtype=object)


HOLDERS = {
    "list": [TEXT],
    "tuple": (TEXT,),
    "set": {TEXT},
    "object array": np.array([TEXT], dtype=object),
    "Series": pd.Series([TEXT]),
    "Index": pd.Index([TEXT]),
    "DataFrame": pd.DataFrame([[TEXT]]),
    "deque": deque([TEXT]),
    "own array": HasArray(),
    "nested Series": [[pd.Series([TEXT])]],
    "text": TEXT,
}
x = sp.Symbol("x")
HALVED = moment_recursion([x / 2], [x], lambda e: e)
TAKE_ARRAYS = {
    "Quadratic hessian": lambda bad: st.Quadratic(bad, ONE),
    "Quadratic noise": lambda bad: st.Quadratic(ONE, bad),
    "Quadratic minimum": lambda bad: st.Quadratic(ONE, ONE, minimum=bad),
    "LeastSquares X": lambda bad: st.LeastSquares(bad, ONE),
    "LeastSquares y": lambda bad: st.LeastSquares(ONE, bad),
    "start": lambda bad: st.transient_law(in_symbols(), st.SGD(0.1, 1), start=bad, steps=3).mean,
    "optimal step": lambda bad: st.optimal_step(in_symbols(), theta=bad, batch_size=1),
    "evaluate noise": lambda bad: st.evaluate(
        st.results["quadratic.stationary_covariance"], hessian=ONE, noise=bad, learning_rate=1, batch_size=1
    ),
    "evaluate hessian": lambda bad: st.evaluate(
        st.results["quadratic.stationary_covariance"], hessian=bad, noise=ONE, learning_rate=1, batch_size=1
    ),
    "loss": lambda bad: stated().loss(bad),
    "noise at": lambda bad: stated().noise_at(bad),
    "minimum": lambda bad: stated(minimum=bad),
}
TAKE_EXPRESSIONS = {
    "expectation": lambda bad: expectation(bad, {x: 0}, {}),
    "expectation mean": lambda bad: expectation(x, {x: bad}, {}),
    "expectation covariance": lambda bad: expectation(x**2, {x: 0}, {(x, x): bad}),
    "expectation cumulant": lambda bad: expectation(x**3, {x: 0}, {}, higher={(x, x, x): bad}),
    "covariance first": lambda bad: covariance(bad, x, {x: 0}, {}),
    "covariance second": lambda bad: covariance(x, bad, {x: 0}, {}),
    "cumulants": lambda bad: cumulants_from_moments({(x,): bad}),
    "batch factors": lambda bad: batch_expectation(bad, {x: 1}, 10, 2, replacement=True),
    "batch size": lambda bad: batch_expectation((x,), {x: 1}, 10, bad, replacement=True),
    "batch sum": lambda bad: batch_mean_covariance(bad, 4, 2, replacement=True),
    "batch data set": lambda bad: batch_mean_covariance(4, bad, 2, replacement=True),
    "step": lambda bad: moment_recursion([bad], [x], lambda e: e),
    "expect": lambda bad: moment_recursion([x], [x], lambda e: bad),
    "transient start": lambda bad: HALVED.transient({x: bad}, 3),
    "transient starts": lambda bad: HALVED.transient(bad, 3),
    "transient steps": lambda bad: HALVED.transient({x: 1}, bad),
    "recursion covariance": lambda bad: HALVED.covariance({x: bad, x**2: 1}),
    "characteristic": lambda bad: HALVED.characteristic(bad),
    "coefficients": lambda bad: coefficients(bad, x),
    "fixed point": lambda bad: fixed_point(bad, 1),
    "course": lambda bad: course(x, 1, 1, bad),
    "unit circle": lambda bad: inside_unit_circle([1, bad]),
    "unit circle of all": inside_unit_circle,
    "real root": lambda bad: no_real_root_from_one([1, bad]),
    "positivity": lambda bad: positivity([bad]),
    "positivity of all": positivity,
    "linear solution": lambda bad: linear_solution(ONE, bad),
    "common ring": lambda bad: common_ring([bad]),
    "common ring of all": lambda bad: common_ring(bad),
    "operator": lambda bad: solve_operator([(bad, 1, 0)], ONE, ONE),
    "square root": lambda bad: SquareRoots().of(bad),
    "density": lambda bad: residual(bad, -x, 1, x),
    "Gaussian": lambda bad: gaussian_density([0], bad, [x]),
    "gradient": lambda bad: matrix_gradient(bad, sp.MatrixSymbol("X", 2, 2)),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("name", [*TAKE_ARRAYS, *TAKE_EXPRESSIONS])
def test_text_is_refused_whatever_holds_it(name, holder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SGDTheoryError):
        {**TAKE_ARRAYS, **TAKE_EXPRESSIONS}[name](HOLDERS[holder])
    assert not (tmp_path / CANARY).exists()


@pytest.mark.parametrize("held", [[2], (2,), np.array([2]), pd.Series([2]), deque([np.int64(2)])], ids=repr)
def test_numbers_are_taken_from_whatever_holds_them(held):
    assert list(st.Quadratic(ONE, ONE, minimum=held).minimum) == [2]


def test_the_text_would_run(tmp_path, monkeypatch):
    """The canary works: SymPy itself runs it."""
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(sp.SympifyError):
        sp.sympify(TEXT)
    assert (tmp_path / CANARY).exists()


if __name__ == "__main__":
    victim()
