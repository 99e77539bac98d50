"""Circulation matrix of the diffusion limit: what is left of the drift when detailed balance has taken its part.

Reads as: probability flows with the velocity -Q U x per unit of the time eta t, along the ellipses of constant density,
on which x'U x is constant: U = beta^-1 Sigma^-1 and beta^-1 = eta/(2m). Learning rate and batch size do not enter.

Fails when: eta lambda is not small; the current of SGD is then the stronger one.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.diffusion._circulation import circulation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, Q_ij, eta, lambda_i, lambda_j, words

circulation_diffusion = ClosedForm(
    name="diffusion.circulation_diffusion",
    title="circulation matrix of the stationary current, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=Q_ij,
    value=C_ij * (lambda_i - lambda_j) / (lambda_i + lambda_j),
    parameters=words(lambda_i, lambda_j, C_ij),
    domain=(lambda_i > 0,),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise,
    observable=circulation.observable,
    points=circulation.points,
    sources=(Source("chaudhari2018", "Lemma 20, eq. (16)", "F = H = (D + Q) U with D = C; solved for Q here"),),
    limit=Limit(exact=circulation, small=eta),
)
