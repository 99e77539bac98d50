"""Optimizers: how the loss is minimised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sgdtheory.errors import DomainError, check_choice
from sgdtheory.numeric.arrays import is_concrete
from sgdtheory.numeric.scalars import known, scalar, whole_number

SAMPLINGS = ("replacement", "without_replacement", "reshuffle")


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent with a constant learning rate.

    Parameters
    ----------
    learning_rate
        Positive number, SymPy expression or JAX scalar.
    batch_size
        Samples per step, a positive integer (or a SymPy expression).
    momentum, nesterov
        As in ``torch.optim.SGD`` and ``optax.sgd``: velocity <- momentum * velocity + gradient, dampening 0.
    sampling
        ``"replacement"``: independent draws; ``"without_replacement"``: a fresh subset at each step;
        ``"reshuffle"``: epochs, each a permutation cut into batches.
    delay
        A step takes its gradient at the parameters of so many steps ago, a whole number >= 0; before the first step
        the parameters stood at the start. With momentum the velocity takes the delayed gradient.

    Raises
    ------
    DomainError
        If a value lies outside its domain.
    NonFiniteError
        If the learning rate or momentum is NaN or infinite.

    Examples
    --------
    >>> SGD(0.1, 8)
    SGD(learning_rate=0.1, batch_size=8, momentum=0.0, nesterov=False, sampling='replacement', delay=0)
    """

    learning_rate: Any
    batch_size: Any
    momentum: Any = 0.0
    nesterov: bool = False
    sampling: str = "replacement"
    delay: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", check_learning_rate(self.learning_rate))
        object.__setattr__(self, "batch_size", check_batch_size(self.batch_size))
        momentum = scalar("momentum", self.momentum)
        if is_concrete(momentum) and not 0 <= known(momentum) < 1:
            raise DomainError(
                "momentum lies outside its domain",
                got=self.momentum,
                allowed="0 <= momentum < 1",
                mend="take a value such as 0.9; at 1 the velocity never forgets",
            )
        object.__setattr__(self, "momentum", momentum)
        check_choice("nesterov", self.nesterov, (False, True))
        if self.nesterov and is_concrete(momentum) and known(momentum) == 0:
            raise DomainError(
                "nesterov without momentum",
                got="momentum 0",
                allowed="momentum > 0 with nesterov=True",
                mend="give a momentum, or leave nesterov off",
            )
        check_sampling(self.sampling)
        delay = whole_number("the delay", self.delay, least=0, mend="count steps; 0 is no delay", symbols=False)
        if not isinstance(delay, int):
            raise DomainError(
                "the delay is traced", got=repr(delay)[:80], allowed="an int", mend="keep it out of what jax.jit traces"
            )
        object.__setattr__(self, "delay", delay)

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Its knobs that may be symbols or traced."""
        return self.learning_rate, self.batch_size, self.momentum


@dataclass(frozen=True)
class SGLD:
    """Stochastic gradient Langevin dynamics: steps of SGD into which Gaussian noise is injected.

    ``theta' = theta - learning_rate * g + sqrt(2 * learning_rate * temperature) * xi``, with g a mini-batch's gradient
    of the mean loss L and xi standard normal. In the limit of a small learning rate it samples the density
    proportional to exp(-L / temperature).

    Parameters
    ----------
    learning_rate, batch_size
        As in ``SGD``.
    temperature
        Number >= 0, SymPy expression or JAX scalar. 1/D for D samples whose losses are negative log-likelihoods: the
        density is then their posterior under a flat prior, near the minimum of precision D H.
    sampling
        ``"replacement"`` or ``"without_replacement"``.

    Raises
    ------
    DomainError
        If a value lies outside its domain.
    NonFiniteError
        If the learning rate or temperature is NaN or infinite.

    Notes
    -----
    Mandt, Hoffman and Blei (2017), Section 5.1, write theta' = theta - (epsilon/2) N g + sqrt(epsilon) V: learning_rate
    = epsilon N / 2 and temperature = 1/N. Welling and Teh (2011), eq. (4), move up (epsilon/2) times the gradient of
    the log-posterior, which is -N g with the prior's share in g: the same.

    Examples
    --------
    >>> SGLD(0.1, 8, temperature=0.02)
    SGLD(learning_rate=0.1, batch_size=8, temperature=0.02, sampling='replacement')
    """

    learning_rate: Any
    batch_size: Any
    temperature: Any
    sampling: str = "replacement"

    # What laws and simulators ask of every optimizer; plain Langevin dynamics has none of it.
    momentum: ClassVar[float] = 0.0
    nesterov: ClassVar[bool] = False
    delay: ClassVar[int] = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", check_learning_rate(self.learning_rate))
        object.__setattr__(self, "batch_size", check_batch_size(self.batch_size))
        temperature = scalar("temperature", self.temperature)
        if getattr(temperature, "is_negative", None) or (is_concrete(temperature) and not known(temperature) >= 0):
            raise DomainError(
                "the temperature is negative",
                got=self.temperature,
                allowed="a number >= 0",
                mend="take one over the number of samples for their posterior",
            )
        object.__setattr__(self, "temperature", temperature)
        check_choice("way of sampling", self.sampling, SAMPLINGS[:2])

    @property
    def numbers(self) -> tuple[Any, ...]:
        """Its knobs that may be symbols or traced."""
        return self.learning_rate, self.batch_size, self.temperature


Optimizer = SGD | SGLD


def refuse_delay(optimizer: Optimizer, what: str) -> None:
    """Refuse an optimizer with a delay where it would be ignored; ``what`` is not built for it, in the plural."""
    if optimizer.delay:
        raise NotImplementedError(
            f"{what} with a delay (delay={optimizer.delay}) are not built yet; for problems in NumPy numbers"
            " simulate() runs such optimizers, and stationary_law, transient_law and loss_curve know quadratic losses"
        )


def check_learning_rate(learning_rate: Any) -> Any:
    """Return a learning rate: a positive float, a SymPy expression or a JAX scalar."""
    rate = scalar("learning_rate", learning_rate)
    if getattr(rate, "is_positive", None) is False or (is_concrete(rate) and not known(rate) > 0):
        raise DomainError(
            "the learning rate is not positive",
            got=learning_rate,
            allowed="a number > 0",
            mend="take, for example, half of sgdtheory.stability_limit(problem, batch_size)",
        )
    return rate


def check_batch_size(batch_size: Any) -> Any:
    """Return a batch size: a positive int, a SymPy expression or a traced value."""
    return whole_number("the batch size", batch_size, least=1, mend="take at least one sample per step")


def check_sampling(sampling: Any) -> None:
    """Refuse an unknown way of sampling."""
    check_choice("way of sampling", sampling, SAMPLINGS)
