"""A printed equation that fails, with the numbers that refute it, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Point
from sgdtheory.numeric.experiment import CRITICAL

FAR_CLOSER = 1000  # far along in a limit the right form is so many times closer than the wrong one
EXACT = 1e-10


@dataclass(frozen=True)
class Refutation:
    """A printed equation and the numbers that refute it.

    Values are those of the entry in which the printed form misses most, in the eigenbasis of the Hessian.

    Attributes
    ----------
    form, erratum
        The result, whose value is the corrected equation, and what is printed.
    point
        The parameters; of a limit the small one is halved until the limit is good enough to be told from the misprint.
    halvings
        How often it was halved.
    index
        Which entry, for example ``"12"``; empty for a scalar.
    exact
        The value by the exact moment recursion of the process, without any theory.
    printed, corrected
        The value of the equation as printed, and of the result.
    simulated, standard_error
        The average over simulated runs.
    replicas
        How many runs.
    far_point
        Of a limit, the point with the small parameter halved 14 times; else None.
    far_printed, far_corrected
        How far both are from the exact result there, relative to it; NaN if there is no such point.
    """

    form: ClosedForm
    erratum: Erratum
    point: Point
    halvings: int
    index: str
    exact: float
    printed: float
    corrected: float
    simulated: float
    standard_error: float
    replicas: int
    far_point: Point | None
    far_printed: float
    far_corrected: float

    @property
    def printed_off(self) -> float:
        """How many standard errors the printed value is above the simulated one."""
        return (self.printed - self.simulated) / self.standard_error

    @property
    def corrected_off(self) -> float:
        """How many standard errors the corrected value is above the simulated one."""
        return (self.corrected - self.simulated) / self.standard_error

    @property
    def refuted(self) -> bool:
        """Whether recursion and simulation both refute the printed form."""
        return not (self._agrees(self.printed, self.far_printed, self.far_corrected) or self._is_seen(self.printed_off))

    @property
    def confirmed(self) -> bool:
        """Whether recursion and simulation both agree with the corrected form."""
        return self._agrees(self.corrected, self.far_corrected, self.far_printed) and self._is_seen(self.corrected_off)

    def _agrees(self, value: float, far: float, other: float) -> bool:
        """Return whether a value is what the recursion gives, of a bound on its side of it, of a limit its limit."""
        if self.form.limit is not None:
            return far * FAR_CLOSER <= other
        gap = value - self.exact
        return (gap * self._side if self.form.kind is Kind.BOUND else abs(gap)) <= EXACT * abs(self.exact)

    def _is_seen(self, off: float) -> bool:
        """Return whether a value is so many standard errors off that the simulation does not contradict it."""
        return (off * self._side if self.form.kind is Kind.BOUND else abs(off)) <= CRITICAL

    @property
    def _side(self) -> int:
        return 1 if self.form.bound == "lower" else -1
