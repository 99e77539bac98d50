"""Determinant of the stationary covariance of two modes under noise of rank one, exact.

Reads as: noise along one direction c spreads the parameters over the whole plane, for the Hessian turns what it has
kicked: only where curvatures are equal, or c is an eigenvector, a direction stays still. In any dimension the
covariance is a Cauchy matrix between two diagonal ones; with the decay factors a_i = 1 - eta lambda_i:
det Sigma = (eta^2/m)^d prod_i c_i^2 prod_(i<j) (a_i - a_j)^2/prod_(i,j) (1 - a_i a_j).

Fails when: the noise has further directions: the determinant is then larger.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.diffusion._current_points import RANK_ONE
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import CovarianceDeterminant
from sgdtheory.symbols import C_11, C_22, det_Sigma, eta, lambda_1, lambda_2, m, words

rank_one_determinant = ClosedForm(
    name="diffusion.rank_one_determinant",
    title="determinant of the covariance under noise of rank one, two modes, exact",
    kind=Kind.EXACT,
    symbol=det_Sigma,
    value=(eta / m) ** 2
    * C_11
    * C_22
    * (lambda_1 - lambda_2) ** 2
    / (
        lambda_1
        * lambda_2
        * (2 - eta * lambda_1)
        * (2 - eta * lambda_2)
        * (lambda_1 + lambda_2 - eta * lambda_1 * lambda_2) ** 2
    ),
    parameters=words(eta, m, lambda_1, lambda_2, C_11, C_22),
    domain=(eta * lambda_1 < 2, eta * lambda_2 < 2),
    assumptions=(
        "two modes and one direction of noise: C = c c', so that C_12^2 = C_11 C_22",
        "the Hessian is constant and the noise independent of the parameters and from step to step",
    ),
    process=additive_noise,
    observable=CovarianceDeterminant(),
    points=RANK_ONE,
    sources=(),
    errata=(
        Erratum(
            Source("mandt2017", "Section 3.2, last paragraph", "Sigma is theirs; C = B B', A = H"),
            printed=sp.Integer(0),
            says="that Sigma has no full rank where C has none: it has, unless the range of C is invariant under A",
            survives="Sigma is singular where A and C commute, and eq. (13) itself, which gives the full rank",
        ),
    ),
)
