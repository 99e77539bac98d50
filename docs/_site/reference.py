"""The reference of the Python names: the public ones, what they return, and the symbolic tools."""

import importlib
import inspect
import re
from collections.abc import Iterator

import sgdtheory as st

GROUPS = {
    "What is minimised, and how": (
        "Quadratic",
        "LeastSquares",
        "QuadraticSums",
        "GaussianFeatures",
        "from_loss",
        "SGD",
    ),
    "What SGD will do": (
        "stationary_law",
        "transient_law",
        "loss_curve",
        "stability_limit",
        "stability_report",
        "tail_index",
        "optimal_step",
        "generalization_gap",
    ),
    "Is it true?": ("simulate", "sample_paths", "compare"),
    "The catalogue": ("results", "derive", "evaluate", "errata", "ClosedForm"),
    "Equations": ("solve_lyapunov",),
    "Errors": ("SGDTheoryError",),
}
RETURNED = (
    "losses.problem.SampledLoss",
    "verbs.laws.Law",
    "verbs.loss_curve.LossCurve",
    "verbs.stability_report.StabilityReport",
    "verbs.stability_report.StabilityRow",
    "verbs.tail.TailIndex",
    "numeric.run.Run",
    "numeric.engine.divergence.Diverged",
    "numeric.compare.Report",
    "verbs.next_step.NextStep",
    "verbs.generalization.Generalization",
    "numeric.matrix_free.stochastic_trace.Estimate",
    "numeric.solvers.lyapunov_equation.LyapunovSolution",
    "numeric.refutation.Refutation",
    "algebra.derivation.Derivation",
    "algebra.derivation.Step",
    "algebra.series.LeadingError",
)
DATA = ("data.load_dataset", "data.read_table", "verbs.prediction.predict", "verbs.prediction.check")
SOLVERS = {
    "moments.noise_loop": "Second moments where curvature varies between samples",
    "solvers.noise_kernel": "Second moments of least squares in any dimension",
    "moments.loss_curves.volterra": "The loss as a discrete Volterra equation",
    "moments.loss_curves.homogenized": "The loss in high dimension",
    "stability.spectrally_expressible": "Noise that sees the state through one number, for any linear optimizer",
    "matrix_free.stochastic_trace": "Traces of matrices that are only known by their products",
}
TOOLS = {
    "moments": "Expectations of polynomials in correlated noise",
    "batches": "Expectations over mini-batches",
    "recursion": "Linear recursions of moments",
    "lyapunov": "Lyapunov equations in symbols",
    "fokker_planck": "Densities and currents of a diffusion",
    "ornstein_uhlenbeck": "The Ornstein-Uhlenbeck process",
    "traces": "Matrix derivatives of traces",
    "series": "Expansions in a small parameter",
    "parser": "Formulas typed as text",
}
HEAD = """\
Python
======

``import sgdtheory as st`` gives all names of the first sections; they are loaded when first used. Arrays may be NumPy
arrays, SymPy matrices or JAX arrays, and answers come back in the same kind.
"""


def pages() -> dict[str, str]:
    """Return the text of the page, by path below ``docs``."""
    grouped = {title: [name for name in names if name in st.__all__] for title, names in GROUPS.items()}
    rest = [name for name in st.__all__ if name not in sum(grouped.values(), ["__version__"])]
    grouped |= {"More": rest} if rest else {}
    parts = [HEAD]
    parts += [_section(title, [f"sgdtheory.{name}" for name in names]) for title, names in grouped.items()]
    parts.append(_section("What they return", [f"sgdtheory.{path}" for path in RETURNED]))
    parts.append(_section("Tables of data", [f"sgdtheory.{path}" for path in DATA]))
    parts.append("Numerical tools\n---------------\n\nWhat the verbs stand on, in NumPy numbers.\n")
    parts += _modules("numeric", SOLVERS)
    parts.append("Symbolic tools\n--------------\n\nThe pieces that derivations are made of.\n")
    parts += _modules("algebra", TOOLS)
    return {"reference/api.rst": "\n".join(parts)}


def _modules(folder: str, titles: dict[str, str]) -> Iterator[str]:
    """Yield a section for each module; one that is gone is an error."""
    for name, title in titles.items():
        path = f"sgdtheory.{folder}.{name}"
        yield _section(title, list(_public(path)), underline="~", lead=f"Module ``{path}``.")


def _section(title: str, paths: list[str], *, underline: str = "-", lead: str = "") -> str:
    head = f"{title}\n{underline * len(title)}\n\n{lead}\n\n".replace("\n\n\n\n", "\n\n")
    return f"{head}.. autosummary::\n   :toctree: generated\n\n" + "".join(f"   ~{path}\n" for path in paths)


def _public(path: str) -> Iterator[str]:
    """Yield what a module defines for its users: whatever shows an example."""
    for name, value in vars(importlib.import_module(path)).items():
        is_own = (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == path
        listed = f"{path}.{name}".removeprefix("sgdtheory.") in RETURNED
        if is_own and not listed and not name.startswith("_") and "\n    >>> " in (value.__doc__ or ""):
            yield f"{path}.{name}"


def escape(_app, _what, _name, _object, _options, lines: list[str]) -> None:
    """Let docstrings write ``|z|`` and ``|theta|^2`` for absolute values; reStructuredText reads bars as references."""
    lines[:] = [re.sub(r"(?<![\\|])\|(?!\|)", r"\\|", line) if "``" not in line else line for line in lines]
