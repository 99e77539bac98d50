"""How much longer gradient flow takes for each further saddle point in a row.

Reads as: each unit of time at a saddle point costs lambda/gamma at the next.

Fails when: eta lambda is not small: gradient descent contracts faster than the flow and grows more slowly, so its times
grow by more.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.diffusion._escape_time_ratio import escape_time_ratio
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import delay_ratio, eta, gamma_u, lambda_s, words

escape_time_ratio_small_rate = ClosedForm(
    name="diffusion.escape_time_ratio_small_rate",
    title="time at a saddle point over that at the one before, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=delay_ratio,
    value=(lambda_s + gamma_u) / gamma_u,
    parameters=words(lambda_s, gamma_u),
    domain=(),
    assumptions=("the learning rate is small", *escape_time_ratio.assumptions),
    process=saddle,
    observable=escape_time_ratio.observable,
    points=escape_time_ratio.points,
    sources=escape_time_ratio.sources,
    limit=Limit(exact=escape_time_ratio, small=eta),
)
