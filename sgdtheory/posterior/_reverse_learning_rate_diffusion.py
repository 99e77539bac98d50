"""Learning rate at which the divergence of the posterior from SGD's law is smallest, in continuous time.

Reads as: twice the batch size times the mean over directions of 1/C, over D.

Fails when: m lambda is not small against D d/tr C^-1, or noise and Hessian do not commute. There the rate is
(m/(D d)) tr(H^-1 S^-1) with H S + S H = C, which is no larger.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.posterior._reverse_learning_rate import reverse_learning_rate
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import D, d, eta_rkl, m, trC_inv, words

reverse_learning_rate_diffusion = ClosedForm(
    name="posterior.reverse_learning_rate_diffusion",
    title="learning rate from which the posterior diverges least, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=eta_rkl,
    value=2 * m * trC_inv / (D * d),
    parameters=words(m, D, d, trC_inv),
    domain=(m > 0, D > 0, trC_inv > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, reaches every direction, and is independent of the parameters",
        "noise and Hessian commute; the rate that comes out is small against every 1/lambda_i, and its error is known"
        " for equal curvatures",
    ),
    process=additive_noise,
    observable=reverse_learning_rate.observable,
    points=reverse_learning_rate.points,
    sources=(
        Source(
            "mandt2017",
            "Appendix C, eq. (41)",
            "epsilon = eta, S = m, N = D, D = d, B B' = C; they say that A and Sigma have to commute",
        ),
    ),
    limit=Limit(exact=reverse_learning_rate, small=m),
)
