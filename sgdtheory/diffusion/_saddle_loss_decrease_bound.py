"""How much the loss falls, at least, in t steps near a saddle point: enough steps for the noise to find its way down.

Reads as: once the unstable direction has amplified the noise enough, what it gains exceeds what the noise costs along
all others by eta c/(2m), whatever the start.

Fails when: a step overshoots, eta lambda_max > 1, or the noise is not the same in every direction; far from the saddle
point, where the curvature is another. The number of steps that is asked for grows with the dimension.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.diffusion._saddle_loss_decrease import saddle_loss_decrease
from sgdtheory.diffusion._saddle_points import FALLING
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import c_iso, d, eta, gamma_u, lambda_max, loss_decrease, m, t, words

saddle_loss_decrease_bound = ClosedForm(
    name="diffusion.saddle_loss_decrease_bound",
    title="decrease of the loss near a saddle point, at least (Ge et al.)",
    kind=Kind.BOUND,
    symbol=loss_decrease,
    value=eta * c_iso / (2 * m),
    parameters=words(eta, m, c_iso, gamma_u, lambda_max, d, t),
    domain=(
        eta * lambda_max <= 1,
        (1 + eta * gamma_u) ** (2 * t) >= 1 + d * (2 + eta * gamma_u),
    ),
    assumptions=(
        "the Hessian is constant and -gamma its smallest eigenvalue",
        "the noise has the covariance c I, independent of the parameters",
        "the expected loss falls by no less than this",
    ),
    process=saddle,
    observable=saddle_loss_decrease.observable,
    points=FALLING,
    sources=(
        Source(
            "ge2015",
            "(68), the last line, and (35)",
            "sigma^2 is c/m; there for starts with a small gradient, which are not"
            " needed on a quadratic, and with (35), the number of steps, as here",
        ),
    ),
    bound="lower",
)
