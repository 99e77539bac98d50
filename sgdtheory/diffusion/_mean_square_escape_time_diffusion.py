"""Number of steps after which the diffusion's mean square reaches that of a radius.

Reads as: the time eta t is log(1 + 2 gamma R^2 m/(eta c))/(2 gamma) from a start at the saddle point: logarithmic in
m/eta, so that batches ten times as large cost log(10)/(2 gamma) more of it.

Fails when: eta gamma is not small: SGD needs more steps.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.diffusion._mean_square_escape_time import mean_square_escape_time
from sgdtheory.diffusion._saddle_points import AT_REST
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import R, c_u, delta_u, eta, gamma_u, m, t_away, words

mean_square_escape_time_diffusion = ClosedForm(
    name="diffusion.mean_square_escape_time_diffusion",
    title="steps to leave a saddle point in mean square, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=t_away,
    value=sp.log((2 * m * gamma_u * R**2 + eta * c_u) / (2 * m * gamma_u * delta_u**2 + eta * c_u))
    / (2 * eta * gamma_u),
    parameters=words(eta, m, gamma_u, c_u, delta_u, R),
    domain=mean_square_escape_time.domain,
    assumptions=("the learning rate is small at a fixed noise level eta/m", *mean_square_escape_time.assumptions),
    process=saddle,
    observable=mean_square_escape_time.observable,
    points=mean_square_escape_time.points,
    sources=(),
    errata=(
        Erratum(
            Source(
                "wangwu2020",
                "p. 28, the time to leave a saddle point",
                "there in the time eta t and up to a constant, which is taken as one here: ten times the batch would"
                " cost more than three times the steps",
            ),
            printed=sp.sqrt(m / eta) * sp.log(m / eta) / eta,
            says="the time is logarithmic in m/eta, not a power of it: the run leaves at the rate exp(gamma eta t) from"
            " a distance of (eta/m)^(1/2)",
            points=AT_REST,
            survives="that SGD leaves saddle points; polynomial time is more than it needs",
        ),
    ),
    limit=Limit(exact=mean_square_escape_time, small=eta, scaling={"batch_size": 1}),
)
