"""The current of the diffusion limit along two modes, from the Fokker-Planck equation."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.fokker_planck import probability_current, residual
from sgdtheory.algebra.ornstein_uhlenbeck import gaussian_density
from sgdtheory.derivations.diffusion._currents import diffusion
from sgdtheory.derivations.diffusion._two_modes import of_two_modes
from sgdtheory.derivations.quadratic._premises import x_i, x_j
from sgdtheory.quadratic import stationary_covariance_diffusion


def motion(derivation: Derivation) -> tuple[sp.Matrix, sp.Matrix, sp.Matrix]:
    """Derive the matrix M of the current's velocity M x for two modes; return it, their covariance and diffusion."""
    drift, spread = diffusion(derivation)
    entry = derivation.add(
        "The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance_diffusion.value
    )
    S, x = of_two_modes(entry), sp.Matrix([x_i, x_j])
    density = gaussian_density([0, 0], S, list(x))
    derivation.add(
        "The Gaussian p with this covariance is stationary: what it leaves of the Fokker-Planck equation, over p",
        "(div J)/p",
        residual(density, drift, spread, list(x)),
        sp.Integer(0),
    )
    M = (probability_current(density, drift, spread, list(x)) / density).jacobian(x)
    derivation.add(
        "Its current J moves probability with the velocity J/p = M x",
        "M_ij",
        M[0, 1],
    )
    return M, S, spread
