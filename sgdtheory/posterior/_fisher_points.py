"""Where Fisher scoring is checked: the family's places, with noise injected that is not isotropic."""

from sympy import Rational

from sgdtheory.posterior._points import CORRELATED_NOISE, FIRST, SECOND, SMALL
from sgdtheory.processes import fisher_scoring
from sgdtheory.processes.process import point

INJECTED = (
    ((Rational(1, 2), Rational(1, 5)), (Rational(1, 5), Rational(1, 3))),
    ((Rational(1, 4), -Rational(1, 8)), (-Rational(1, 8), Rational(3, 5))),
)
APART = tuple(
    point(**{**place, "injected_noise": ((E[0][0], 0), (0, E[1][1]))}) for place, E in zip(SMALL, INJECTED, strict=True)
)
SCORED = (
    fisher_scoring.point_with_best_preconditioner(
        **FIRST, dataset_size=3, noise=CORRELATED_NOISE[0], injected_noise=INJECTED[0]
    ),
    fisher_scoring.point_with_best_preconditioner(
        **SECOND, dataset_size=12, noise=CORRELATED_NOISE[1], injected_noise=INJECTED[1]
    ),
)
