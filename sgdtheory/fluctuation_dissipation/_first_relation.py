"""First fluctuation-dissipation relation: what the noise kicks out, the gradient pulls back.

Reads as: E[(theta - theta*)' grad L] = (eta/2) E|g_B|^2 for every constant Hessian, every covariance of an additive
noise and every batch size. The two sides are averages that a run can keep; where they differ, it has not settled.

Fails when: the run is not stationary.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.fluctuation_dissipation._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import batch_gradient_norm, four_in_a_row, over, pull
from sgdtheory.processes.observables import Moment, Ratio
from sgdtheory.symbols import eta, first_ratio, words

first_relation = ClosedForm(
    name="fluctuation_dissipation.first_relation",
    title="first fluctuation-dissipation relation, exact",
    kind=Kind.EXACT,
    symbol=first_ratio,
    value=2 / eta,
    parameters=words(eta),
    domain=(eta > 0,),
    assumptions=(
        "the run is stationary, with finite second moments",
        "the Hessian is constant and the noise independent of the parameters",
    ),
    process=additive_noise,
    observable=Ratio(
        Moment(
            "squared batch gradient over the gradient's pull, stationary",
            over(batch_gradient_norm, pull),
            lag=four_in_a_row,
            law="learning_rate",
        )
    ),
    points=GENERIC,
    sources=(
        Source("yaida2019", "first fluctuation-dissipation relation", "his origin is arbitrary, as E[grad L] = 0"),
    ),
)
