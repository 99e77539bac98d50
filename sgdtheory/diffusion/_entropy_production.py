"""Entropy production of stationary SGD, exact for two modes: how many nats a step tell a run from its reversal.

Reads as: log-odds, per step that is watched, for forwards against backwards in time. Nothing without correlation of the
noise between modes, nothing at equal curvatures, without bound as the noise becomes of rank one: a run then tells in
one step which way time goes. The batch size does not enter. For any number of modes it is the sum over i and j of
-(eta/2) (C^-1)_ij C_ij (lambda_i - lambda_j)^2/(lambda_i + lambda_j - eta lambda_i lambda_j); see steady_state_current.

Fails when: the noise is not Gaussian: reversal then shows in more than the second moments.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._current_points import CORRELATED
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.currents import EntropyProduction
from sgdtheory.symbols import R_12, e_p, eta, lambda_1, lambda_2, words

entropy_production = ClosedForm(
    name="diffusion.entropy_production",
    title="entropy production per step, two modes, exact",
    kind=Kind.EXACT,
    symbol=e_p,
    value=eta * R_12 * (lambda_1 - lambda_2) ** 2 / ((1 - R_12) * (lambda_1 + lambda_2 - eta * lambda_1 * lambda_2)),
    parameters=words(eta, lambda_1, lambda_2, R_12),
    domain=(R_12 < 1, eta * lambda_1 < 2, eta * lambda_2 < 2),
    assumptions=(
        "two modes; the Hessian is constant",
        "the noise is Gaussian, independent of the parameters and from step to step",
    ),
    process=additive_noise,
    observable=EntropyProduction(),
    points=CORRELATED,
    sources=(Source("chaudhari2018", "Lemma 20", "the paper has the current j, not its cost"),),
)
