"""Mean of SGD on shuffled epochs of two batches, where samples differ in curvature, stationary and exact.

Reads as: the mean settles beside the minimum, towards where samples of a large curvature have theirs. With fresh
batches it does not: the expectation of each step is then that of gradient descent.

Fails when: eta^2 v/(D - 1) reaches 1 + (1 - eta lambda)^2, where the mean over epochs diverges although that of fresh
batches settles; when an epoch has more batches; the shift is then of the same kind, with (M - 1)/(D - 1) for 1/(D - 1)
to leading order in the learning rate.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.processes.spread import mode_deviations
from sgdtheory.reshuffling._points import TWO_BATCHES
from sgdtheory.symbols import D, eta, kappa, lambda_, mean_shift, v, words

mean_shift_two_batches = ClosedForm(
    name="reshuffling.mean_shift_two_batches",
    title="shift of the mean for two batches an epoch, exact",
    kind=Kind.EXACT,
    symbol=mean_shift,
    value=-eta * kappa / ((D - 1) * lambda_ * (2 - eta * lambda_) + eta * v),
    parameters=words(eta, D, lambda_, v, kappa),
    domain=(
        lambda_ > 0,
        eta * lambda_ < 2,
        D >= 2,
        eta**2 * v < (D - 1) * (1 + (1 - eta * lambda_) ** 2),
    ),
    assumptions=(
        "one dimension; each sample has a curvature and a gradient at the minimum of its own",
        "each epoch is a fresh permutation of the data, cut into two batches of the same size",
        "the look is at the end of an epoch",
    ),
    process=sampled_curvature,
    observable=Moment("mean of the parameter at the end of an epoch, stationary", mode_deviations),
    points=TWO_BATCHES,
    sources=(),
)
