"""Learning rate that minimises the expected loss after one step, in one dimension.

Reads as: the Newton rate 1/lambda, shrunk once the noise sigma^2/m is no longer small against delta^2.

Fails when: curvature varies from sample to sample, so that the noise depends on the parameter, or delta is estimated
from the batch that is then used.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.next_step import BestNextRate
from sgdtheory.processes.process import point
from sgdtheory.symbols import delta, eta_star, lambda_, m, sigma2, words

# The papers' first formulas are for one sample per step.
SINGLE = (point(curvature="5/2", displacement=2, data_variance=3, batch_size=1),)

scalar_optimal_learning_rate = ClosedForm(
    name="quadratic.scalar_optimal_learning_rate",
    title="best learning rate for the next step, one dimension",
    kind=Kind.EXACT,
    symbol=eta_star,
    value=delta**2 / (lambda_ * (delta**2 + sigma2 / m)),
    parameters=words(lambda_, delta, sigma2, m),
    domain=(lambda_ > 0, sigma2 >= 0, m > 0),
    assumptions=(
        "all samples have the same curvature, their optima have variance sigma^2",
        "greedy: it looks one step ahead",
    ),
    process=additive_noise,
    observable=BestNextRate(),
    points=(
        *SINGLE,
        point(curvature="1/3", displacement="-3/2", data_variance=5, batch_size=4),
    ),
    sources=(
        Source("schaul2013", "eq. (5)", "m = 1, h = lambda; sigma^2 is the variance of the optima"),
        Source("schaul2013adaptive", "mini-batch form, from the authors' code", "n = m"),
    ),
    errata=(
        Erratum(
            Source("schaul2013", "supplement A; v1 Section 3.2: eta* = (J - h sigma^2 / 2) / J", "m = 1"),
            printed=delta**2 / (delta**2 + sigma2 / m),
            says="the right-hand side is h eta*, not eta*: a factor 1/h is missing",
            points=SINGLE,
            survives="the rate itself, eq. (5)",
        ),
    ),
)
