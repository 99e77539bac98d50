"""Derivation of the deviation of the exit time for weak noise: the variance for large arguments."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_variance import ExitVariance
from sgdtheory.diffusion import exit_time_deviation
from sgdtheory.processes.exit_time import unstable_diffusion

z, q = sp.symbols("z q", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(unstable_diffusion)
    whole = exit_time_deviation.value
    whole = d.add("The deviation for any noise, a result of its own", "Var[t_exit]^(1/2)", whole, whole)
    (function,) = whole.atoms(ExitVariance)
    constant = d.add(
        "If noise is weak it acts only while the run is near: then z, the displacement that noise makes up, grows by"
        " exp(eta gamma) a step, and the time is log(R/|z|)/(eta gamma). Of a Gaussian z of any scale",
        "Var[log |z|]",
        _variance_of_log(),
        sp.pi**2 / 8,
    )
    d.add(
        "This is the function's limit for large a, with what vanishes as a grows",
        "ExitVariance(a)",
        ExitVariance.for_large(z, 1),
        constant,
    )
    d.add("Hence for large a", "Var[t_exit]^(1/2)", whole.xreplace({function: constant}))
    return d


def _variance_of_log() -> sp.Expr:
    """Return the variance of log z for the size z of a standard Gaussian: the second cumulant, from the mean of z^q."""
    mean = sp.integrate(z**q * sp.sqrt(2 / sp.pi) * sp.exp(-(z**2) / 2), (z, 0, sp.oo))
    return sp.simplify(sp.diff(sp.log(mean), q, 2).subs(q, 0))
