"""How likely gradient descent from a random start is at most to be near a saddle point after t steps.

Reads as: the starts that stay lie in a strip about the stable manifold, whose width shrinks by 1 + eta gamma with each
step: the probability tends to zero, so gradient descent converges to a strict saddle point with probability zero.

Fails when: the direction is not unstable. It is no statement about how long the escape takes: with many saddle points
in a row it can take exponentially long (escape_time_ratio).
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_points import RANDOM_STARTS
from sgdtheory.processes.saddle import StayProbability, saddle
from sgdtheory.symbols import P_stay, R, eta, gamma_u, s_0, t, words

stay_probability_bound = ClosedForm(
    name="diffusion.stay_probability_bound",
    title="probability of staying near a saddle point, at most",
    kind=Kind.BOUND,
    symbol=P_stay,
    value=sp.sqrt(2 / sp.pi) * R / (s_0 * (1 + eta * gamma_u) ** t),
    parameters=words(eta, gamma_u, R, s_0, t),
    domain=(),
    assumptions=(
        "the curvature along the direction is -gamma, and the gradient has no noise",
        "the start is Gaussian about the saddle point, with standard deviation s_0 along the direction",
        "the probability is no larger than this",
    ),
    process=saddle,
    observable=StayProbability(),
    points=RANDOM_STARTS,
    sources=(
        Source(
            "lee2016",
            "Theorem 4",
            "there that the probability of converging to the saddle point is zero,"
            " for 0 < eta < 1/L: a limit, without a rate",
        ),
    ),
    bound="upper",
)
