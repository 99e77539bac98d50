"""Noise floor of SGD on Gaussian features, from the loop gain alone.

Reads as: the error on fresh samples is sigma_y^2/(1 - q): at q = 1/2 the spread of the parameters doubles it. The
excess loss is half of what is above sigma_y^2.

Fails when: q reaches one.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.gaussian_features._loop_gain import loop_gain
from sgdtheory.gaussian_features._points import with_gain
from sgdtheory.processes.forms import loss
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import excess_loss, q, sigma_y2, words

noise_floor = ClosedForm(
    name="gaussian_features.noise_floor",
    title="noise floor, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=q * sigma_y2 / (2 * (1 - q)),
    parameters=words(sigma_y2, q),
    domain=(q < 1,),
    assumptions=(
        "batches are drawn afresh from a stream of samples; features are Gaussian with mean zero and covariance H",
        "the targets are linear in the features, plus Gaussian noise of variance sigma_y^2 that is independent of them",
        "q is the loop gain, summed over all modes",
    ),
    process=gaussian_features,
    observable=Moment("loss above its minimum, stationary", loss),
    points=with_gain(loop_gain),
    sources=(),
)
