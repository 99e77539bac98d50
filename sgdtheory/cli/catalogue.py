"""``list``, ``show``, ``derive``, ``verify``: look at the results of the theory."""

from __future__ import annotations

import enum
import json
import sys
import textwrap
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

import sgdtheory.cli.book as book
import sgdtheory.cli.files as files

if TYPE_CHECKING:
    from sgdtheory.algebra.derivation import Derivation
    from sgdtheory.closed_form import ClosedForm

LONGEST_SEED = 20  # digits
RUNGS = ("derivation", "backends", "recursion", "simulation", "mutants")
CELL = max(map(len, RUNGS))


class Kind(enum.StrEnum):
    """Kinds of results."""

    exact = "exact"
    asymptotic = "asymptotic"
    bound = "bound"


class Format(enum.StrEnum):
    """Formats of a derivation."""

    text = "text"
    latex = "latex"
    pdf = "pdf"
    html = "html"
    markdown = "markdown"


class Backend(enum.StrEnum):
    """Backends of the simulator."""

    numpy = "numpy"
    numba = "numba"
    jax = "jax"


Name = Annotated[str, typer.Argument(help="Name of a result, for example quadratic.stationary_covariance.")]


def list_command(
    kind: Annotated[Kind | None, typer.Option(help="Only results of this kind.")] = None,
) -> None:
    """List the results of the theory."""
    from sgdtheory.catalogue import results
    from sgdtheory.render.text import statement

    chosen = [form for form in results.values() if kind is None or form.kind.value == kind.value]
    for form in chosen:
        typer.echo(f"{form.name}  [{form.kind.value}]\n    {form.title}\n    {statement(form)}")
    count = f"{len(chosen)} result{'s' * (len(chosen) != 1)}"
    typer.echo(f"\n{count}; sgdtheory show NAME says more" if chosen else count)


def show_command(name: Name) -> None:
    """Show what a result says, when it holds, where it is printed and which printed variants are wrong."""
    from sgdtheory.catalogue import results
    from sgdtheory.render.text import page

    typer.echo(page(results[name], files.columns()))


def derive_command(
    name: Name,
    to: Annotated[
        Format | None,
        typer.Option(
            help="Text is the derivation alone; the others are a whole page with all that show says."
            " By default what the name after -o says, else text."
        ),
    ] = None,
    output: files.Output = None,
    force: files.Force = False,
) -> None:
    """Derive a result from the update rule, step by step, each step checked.

    Without -o all formats but PDF go to standard output, and PDF to NAME.pdf here.
    """
    from sgdtheory.catalogue import derive, results

    form = results[name]
    wanted = files.chosen(to, output, Format, Format.text)
    if output is not None or wanted is Format.pdf:
        files.destination(output, files.named(form.name, wanted), force)
    if wanted is Format.text:
        from sgdtheory.render.text import derivation

        derived = derive(name).verify()
        width = files.columns() if output is None else files.WIDTH
        summary = textwrap.fill(_summary(form, derived), width, break_long_words=False)
        content: str | bytes = f"{derivation(derived, width)}\n\n{summary}"
    else:
        book.check_installed(wanted)
        from sgdtheory.render.book import one_result

        content = book.rendered(one_result(form), wanted)
    files.deliver(content, output, files.named(form.name, wanted), force)


def _summary(form: ClosedForm, derived: Derivation) -> str:
    """Return how many steps were checked in which way, and what they lead to."""
    from sgdtheory.render.entry import CHECKS
    from sgdtheory.render.text import statement

    marks = [CHECKS[str(step.status)] for step in derived.steps]
    words = {"50 digits": "checked to 50 digits"}
    counts = ", ".join(f"{marks.count(mark)} {words.get(mark, mark)}" for mark in CHECKS.values() if mark in marks)
    return f"{len(marks)} step{'s' * (len(marks) != 1)}, checked again just now ({counts}): {statement(form)}"


def verify_command(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All if left out.")] = None,
    seed: Annotated[str, typer.Option(help="A whole number, or 'fresh' for a new one.")] = "0",
    backend: Annotated[
        Backend | None, typer.Option(help="What simulates on the fourth rung; all that are installed if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON only on standard output.")] = False,
) -> None:
    """Check results on five rungs: derivation, numerics, exact recursion, simulation, rejected mutants.

    Exit code 1 if any rung fails.
    """
    from sgdtheory.catalogue import results

    forms = [results[name] for name in dict.fromkeys(names or results)]
    number = _seed(seed)
    backends = _backends(backend)
    width = max(len(form.name) for form in forms)
    if not as_json:
        heads = "  ".join(f"{rung:<{CELL}}" for rung in RUNGS)
        typer.echo(f"seed {number}, simulated in {', '.join(backends)}\n{'result':<{width}}  {heads}  seconds")
    checked = []
    with _progress(len(forms), as_json) as display:
        for form in forms:
            display.start(form.name)
            rungs = list(_climb(form, number, backends))
            checked.append({"name": form.name, "rungs": rungs})
            if not as_json:
                display.print(_line(form.name, rungs, width, details=bool(names)))
            display.finish()
    failed = [entry["name"] for entry in checked if any(rung["passed"] is False for rung in entry["rungs"])]
    if as_json:
        found = {"seed": number, "backends": backends, "results": checked, "failed": failed}
        typer.echo(json.dumps(found, allow_nan=False, indent=2))
    else:
        count = sum(rung["passed"] is True for entry in checked for rung in entry["rungs"])
        typer.echo(
            f"\n{_counted(checked, 'result')}, {_counted(range(count), 'rung')} passed,"
            f" {_counted(failed, 'result')} failed" + "".join(f"\n  {name}" for name in failed)
        )
    if failed:
        raise typer.Exit(1)


def _counted(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _climb(form: ClosedForm, seed: int, backends: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    from sgdtheory.numeric.ladder import climb

    number = 0
    try:
        for rung in climb(form, seed=seed, backends=backends):
            number = int(rung.number)
            yield {
                "number": number,
                "passed": None if rung.passed is None else bool(rung.passed),
                "detail": str(rung.detail),
                "seconds": round(float(rung.seconds), 4),
            }
    except Exception as error:  # one broken result must not keep the others from being checked
        detail = f"{type(error).__name__}: {error}"
        yield {"number": number + 1, "passed": False, "detail": detail, "seconds": 0.0}


def _line(name: str, rungs: list[dict[str, Any]], width: int, *, details: bool) -> str:
    words = {True: "ok", False: "FAILED", None: "-"}
    by_number = {rung["number"]: words[rung["passed"]] for rung in rungs}
    cells = "  ".join(f"{by_number.get(number, '-'):<{CELL}}" for number in range(1, len(RUNGS) + 1))
    line = f"{name:<{width}}  {cells}  {sum(rung['seconds'] for rung in rungs):7.2f}"
    reasons = [
        f"\n    {RUNGS[rung['number'] - 1]}: {rung['detail']}" for rung in rungs if details or rung["passed"] is False
    ]
    return line + "".join(reasons)


def _backends(chosen: Backend | None) -> tuple[str, ...]:
    from sgdtheory.numeric.engine.backends import check_installed, installed

    return installed() if chosen is None else (check_installed(chosen.value),)


def _seed(text: str) -> int:
    from sgdtheory.errors import DomainError

    if text == "fresh":
        import secrets

        return secrets.randbelow(2**31)
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_SEED):
        raise DomainError(
            "the seed is not a whole number",
            got=repr(text[:60]),
            allowed=f"0, 1, 2, ... of at most {LONGEST_SEED} digits, or 'fresh'",
            mend="write, for example, --seed 7",
        )
    return int(text)


class _Display:
    """A progress display that shows nothing."""

    def print(self, line: str) -> None:
        typer.echo(line)

    def start(self, name: str) -> None:
        del name

    def finish(self) -> None:
        pass


class _Bar(_Display):
    """A progress bar on standard error, with lines printed above it."""

    def __init__(self, progress: Any, task: Any) -> None:
        self._progress, self._task = progress, task

    def start(self, name: str) -> None:
        self._progress.update(self._task, description=name)

    def finish(self) -> None:
        self._progress.advance(self._task)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[_Display]:
    if quiet or not sys.stderr.isatty():
        yield _Display()
        return
    from rich.console import Console
    from rich.progress import Progress

    # Lines of a piped standard output must not be redirected to the console of the bar.
    shared = sys.stdout.isatty()
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=shared) as progress:
        yield _Bar(progress, progress.add_task("verify", total=total))
