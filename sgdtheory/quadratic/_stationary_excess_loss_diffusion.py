"""Stationary excess loss of the diffusion limit: (eta/4m) tr C.

Reads as: four factors, learning rate, batch size, noise covariance and, through the limit's error only, curvature.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.process import point
from sgdtheory.quadratic._stationary_excess_loss import stationary_excess_loss
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, words

stationary_excess_loss_diffusion = ClosedForm(
    name="quadratic.stationary_excess_loss_diffusion",
    title="stationary excess loss, diffusion limit: (eta/4m) tr C",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta * C_ii / (4 * m),
    parameters=words(eta, m, lambda_i, C_ii),
    domain=(eta > 0, m > 0),
    assumptions=("the learning rate is small against every 1/lambda_i",),
    process=additive_noise,
    observable=stationary_excess_loss.observable,
    points=stationary_excess_loss.points,
    sources=(
        Source("wangwu2020", "eq. (4.46)", "sigma^2 = C, delta = eta"),
        Source(
            "jastrzebski2018v3",
            "eq. (9): (eta/4S) tr H",
            "the special case C = H, its Assumption 2; elsewhere the two differ by the factor tr C / tr H",
        ),
    ),
    errata=(
        Erratum(
            Source(
                "chaudhari2018",
                "Lemma 6: D = c I if and only if Phi = f",
                "their D is C, f = L, b = m; density exp(-beta Phi) with 1/beta = eta/(2 b)",
            ),
            printed=eta / (4 * m),
            says="holds only for c = 1: noise c I gives Phi = f/c, and the loss c times what Phi = f implies",
            points=(point(learning_rate="3/10", batch_size=4, curvature=("1/2", "9/5"), noise=((2, 0), (0, 2))),),
            survives="isotropic noise of any size makes Phi proportional to f, so that both have the same minima",
        ),
    ),
    limit=Limit(exact=stationary_excess_loss, small=eta),
)
