"""Expected decrease of the loss in one step at the best learning rate, in one dimension.

Fails when: curvature varies from sample to sample, so that the noise depends on the parameter, or the rate is another
than the best one.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Source
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.next_step import BestNextDecrease
from sgdtheory.quadratic._scalar_optimal_learning_rate import SINGLE, scalar_optimal_learning_rate
from sgdtheory.symbols import decrease, delta, lambda_, m, sigma2, words

scalar_expected_decrease = ClosedForm(
    name="quadratic.scalar_expected_decrease",
    title="expected decrease of the loss in the best next step, one dimension",
    kind=Kind.EXACT,
    symbol=decrease,
    value=lambda_ * delta**4 / (2 * (delta**2 + sigma2 / m)),
    parameters=words(lambda_, delta, sigma2, m),
    domain=scalar_optimal_learning_rate.domain,
    assumptions=scalar_optimal_learning_rate.assumptions,
    process=additive_noise,
    observable=BestNextDecrease(),
    points=scalar_optimal_learning_rate.points,
    sources=(Source("schaul2013", "supplement A, corrected: h^2 delta^2 eta* / 2", "m = 1, h = lambda"),),
    errata=(
        Erratum(
            Source("schaul2013", "supplement A; v1 Section 3.2: J - E[J'] = h eta* / 2", "m = 1"),
            printed=delta**2 / (2 * (delta**2 + sigma2 / m)),
            says="must be h^2 delta^2 eta* / 2; the printed line holds only where h delta^2 = 1."
            " The conclusion, convergence, survives",
            points=SINGLE,
        ),
    ),
)
