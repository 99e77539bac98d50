"""Entropy production of the diffusion limit for two modes, over the time eta of a step.

Reads as: -tr(C^-1 Q U Q) per unit of the time eta t, the power that the current spends against the noise. The noise
level eta/m cancels.

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._entropy_production import entropy_production
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import R_12, e_p, eta, lambda_1, lambda_2, words

entropy_production_diffusion = ClosedForm(
    name="diffusion.entropy_production_diffusion",
    title="entropy production per step, two modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=e_p,
    value=eta * R_12 * (lambda_1 - lambda_2) ** 2 / ((1 - R_12) * (lambda_1 + lambda_2)),
    parameters=words(eta, lambda_1, lambda_2, R_12),
    domain=(R_12 < 1,),
    assumptions=(
        "two modes; the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against both 1/lambda",
    ),
    process=additive_noise,
    observable=entropy_production.observable,
    points=entropy_production.points,
    sources=(Source("chaudhari2018", "eq. (8) and Lemma 20", "beta E[j' D^-1 j] for their j = -Q U x, times eta"),),
    limit=Limit(exact=entropy_production, small=eta),
)
