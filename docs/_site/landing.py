"""The example of the landing page: its equation, its output and its picture, all worked out when the site is built."""

import contextlib
import io
import runpy
from pathlib import Path
from typing import Any

import numpy as np

import sgdtheory as st
from sgdtheory.render.latex import statement

CODE = Path(__file__).with_name("landing_code.py")
RUNS, SEED = 3000, 0
INKS = {
    "light": {"ink": "#1f2937", "cloud": "#94a3b8", "theory": "#0b5394", "limit": "#c2410c"},
    "dark": {"ink": "#e5e7eb", "cloud": "#64748b", "theory": "#7dd3fc", "limit": "#fdba74"},
}


def pages() -> dict[str, str]:
    """Return the pieces of the landing page, by path below ``docs``."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        names = runpy.run_path(str(CODE))
    law, problem, optimizer = names["law"], names["problem"], names["optimizer"]
    limit = st.stationary_law(problem, optimizer, limit="diffusion")
    cloud = _final_states(problem, optimizer)
    return {
        "generated/landing/output.txt": output.getvalue(),
        "generated/landing/equation.md": _equation(),
        **{f"generated/landing/cloud-{mode}.svg": _picture(cloud, law, limit, **inks) for mode, inks in INKS.items()},
    }


def _equation() -> str:
    return f"$$\n{statement(st.results['quadratic.stationary_covariance'])}\n$$\n"


def _final_states(problem: st.Quadratic, optimizer: st.SGD) -> np.ndarray:
    """Return where a few thousand runs stand after 200 steps, by a plain loop that knows no theory."""
    rng = np.random.default_rng(SEED)
    root = np.linalg.cholesky(problem.noise / optimizer.batch_size)
    theta = np.zeros((RUNS, problem.dimension))
    for _ in range(200):
        gradient = theta @ problem.hessian + rng.standard_normal(theta.shape) @ root.T
        theta = theta - optimizer.learning_rate * gradient
    return theta


def _ellipse(covariance: Any, share: float = 0.95) -> np.ndarray:
    """Return the outline, (2, 200), of the region that holds a share of a centred Gaussian in the plane."""
    angle = np.linspace(0, 2 * np.pi, 200)
    radius = np.sqrt(-2 * np.log(1 - share))
    return radius * np.linalg.cholesky(covariance) @ np.array([np.cos(angle), np.sin(angle)])


def _picture(states: np.ndarray, law: Any, diffusion: Any, *, ink: str, **inks: str) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "sgdtheory"}):
        figure = Figure(figsize=(5.0, 4.0), layout="constrained")
        axes = figure.subplots()
        axes.plot(*states.T, ".", ms=2.5, mew=0, color=inks["cloud"], label=f"{RUNS} runs", rasterized=True)
        axes.plot(*_ellipse(law.covariance), color=inks["theory"], lw=2, label="theory, 95 %")
        axes.plot(*_ellipse(diffusion.covariance), "--", color=inks["limit"], lw=1.5, label="diffusion limit")
        axes.set_aspect("equal")
        axes.set_xlabel(r"$\theta_1-\theta_1^*$", color=ink)
        axes.set_ylabel(r"$\theta_2-\theta_2^*$", color=ink)
        axes.tick_params(colors=ink)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(ink)
        axes.legend(
            frameon=False, labelcolor=ink, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, markerscale=4
        )
        text = io.StringIO()
        figure.savefig(text, format="svg", dpi=150, transparent=True, bbox_inches="tight", metadata={"Date": None})
    return text.getvalue()
