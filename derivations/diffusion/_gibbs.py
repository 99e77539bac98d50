"""The Gibbs density for any loss, from the drift and the noise of a step."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.fokker_planck import residual
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.derivations.quadratic._premises import n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.symbols import c_iso, eta, lambda_i, lambda_j, m

ISOTROPIC = {(n_i, n_i): c_iso / m, (n_j, n_j): c_iso / m}


def drift_and_diffusion(d: Derivation) -> tuple[list[sp.Expr], sp.Expr]:
    """Derive what a step does to two modes on average, and to their variance, per unit of the time s = eta t."""
    steps = pair_of_modes(d)
    still = {x_i: x_i, x_j: x_j, n_i: 0, n_j: 0}
    drift = [
        d.add(
            f"Mean change along mode {name} per unit of the time s = eta t",
            f"(E[x_{name}'] - x_{name})/eta",
            sp.expand((expectation(step, still, {}) - x) / eta),
            -rate * x,
        )
        for name, step, x, rate in zip("ij", steps, (x_i, x_j), (lambda_i, lambda_j), strict=True)
    ]
    gained = d.add(
        "and the variance that isotropic noise adds, the same along both",
        "Var[x_i' given x_i]/eta",
        covariance(steps[0], steps[0], still, ISOTROPIC) / eta,
        eta * c_iso / m,
    )
    return drift, gained


def temperature(d: Derivation) -> sp.Expr:
    """Derive the one temperature at which exp(-L/n) solves the Fokker-Planck equation."""
    drift, gained = drift_and_diffusion(d)
    n = sp.Symbol("n", positive=True)
    loss = sum(-sp.integrate(pull, x) for pull, x in zip(drift, (x_i, x_j), strict=True))
    left = residual(sp.exp(-loss / n), drift, sp.diag(gained, gained), [x_i, x_j])
    found = next(root for root in sp.solve(left, n) if not root.has(x_i, x_j))
    d.add(
        "Put exp(-L/n) into the Fokker-Planck equation: what is left over vanishes everywhere for one n only",
        "(div J)/p",
        left,
        (n - found) * ((lambda_i * x_i) ** 2 + (lambda_j * x_j) ** 2 - n * (lambda_i + lambda_j)) / n**2,
    )
    any_loss = sp.Function("L")(x_i, x_j)
    slopes = [-sp.diff(any_loss, x) for x in (x_i, x_j)]
    d.add(
        "With this n it solves the equation for any loss L whose gradient is the drift, whatever the noise added",
        "(div J)/p, any L",
        residual(sp.exp(-any_loss / found), slopes, sp.diag(gained, gained), [x_i, x_j]),
        sp.Integer(0),
    )
    return found
