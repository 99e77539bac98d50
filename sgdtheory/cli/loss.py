"""``loss``: from the loss of one sample, as a text, to the theory of SGD on it, with its steps."""

from __future__ import annotations

import enum
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

import sgdtheory.cli.files as files

if TYPE_CHECKING:
    import sympy as sp

    from sgdtheory.losses.problem import SampledLoss
    from sgdtheory.optimizers import SGD

# The words of each law's arguments.
LAWS = {
    "Normal": ("mean", "standard deviation"),
    "Uniform": ("low", "high"),
    "Exponential": ("rate",),
    "Gamma": ("shape", "scale"),
    "Laplace": ("mean", "scale"),
    "Bernoulli": ("probability",),
    "Poisson": ("rate",),
}
POSITIVE = ("standard deviation", "rate", "shape", "scale")
LABEL = 28


class LossFormat(enum.StrEnum):
    """Formats of the theory of a loss."""

    text = "text"
    latex = "latex"


def loss_command(
    loss: Annotated[str, typer.Argument(metavar="LOSS", help="Loss of one sample, for example '(theta - x)**2 / 2'.")],
    parameters: Annotated[str, typer.Option(help="What is optimised: names, separated by commas.")],
    data: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=LAW(...)",
            help="Law of a data symbol; repeat it for each. Laws: "
            + ", ".join(f"{law}({', '.join(words)})" for law, words in LAWS.items())
            + ".",
        ),
    ],
    positive: Annotated[str, typer.Option(help="Constants known to be positive; scales of laws are anyway.")] = "",
    learning_rate: Annotated[str | None, typer.Option(help="A number; the symbol eta if left out.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples per step; the symbol m if left out.")] = None,
    to: Annotated[LossFormat, typer.Option(help="Plain text or LaTeX.")] = LossFormat.text,
) -> None:
    """Derive the theory of SGD on your own loss: gradient, Hessian, minimum, noise, stationary covariance.

    For example: sgdtheory loss "(theta - x)**2 / 2" --parameters theta --data "x = Normal(mu, sigma)"
    """
    from sgdtheory.algebra.parser import parse
    from sgdtheory.losses.from_loss import from_loss

    rate = _rate(learning_rate)
    names = _positive_symbols(data, positive)
    laws = _laws(data, names)
    problem = from_loss(parse(loss, names), [word.strip() for word in parameters.split(",")], laws)
    _check_names(problem)
    optimizer = _optimizer(problem, rate, batch_size)
    if to is LossFormat.latex:
        typer.echo(problem.derivation().verify().latex())
        return
    parts = [_facts(problem, data)]
    if problem.model is not None:
        from sgdtheory.render.text import derivation

        parts.append(derivation(problem.derivation().verify(), files.columns()))
    if optimizer is not None:
        parts.append(_law(problem, optimizer))
    typer.echo("\n\n".join(parts))


def _positive_symbols(data: list[str], positive: str) -> dict[str, sp.Symbol]:
    """Return the symbols that are known to be positive: those named so, and names that stand as a law's scale."""
    import sympy as sp

    from sgdtheory.algebra.parser import check_symbol_name, parse_assignment

    names = {check_symbol_name(word.strip()) for word in positive.split(",") if word.strip()}
    for text in data:
        _, law, arguments = parse_assignment(text, LAWS)
        scales = (argument for argument, word in zip(arguments, LAWS[law], strict=True) if word in POSITIVE)
        names |= {scale.name for scale in scales if scale.is_Symbol}
    return {name: sp.Symbol(name, positive=True) for name in sorted(names)}


def _laws(data: list[str], names: dict[str, sp.Symbol]) -> dict[str, Any]:
    """Return the distribution of each data symbol, by name."""
    import sympy.stats

    from sgdtheory.algebra.parser import parse_assignment
    from sgdtheory.errors import DomainError

    found: dict[str, Any] = {}
    for text in data:
        name, law, arguments = parse_assignment(text, LAWS, names)
        if name in found:
            raise DomainError(f"{name} has two laws", got=text, allowed="one law for each symbol", mend="leave one out")
        try:
            found[name] = getattr(sympy.stats, law)(name, *arguments)
        except ValueError as error:
            allowed = "positive scales and rates, probabilities between 0 and 1, low < high"
            what = f"there is no such law of {name}: {str(error).strip().rstrip('.').lower()}"
            raise DomainError(what, got=text, allowed=allowed, mend="check its arguments") from None
    return found


def _check_names(problem: SampledLoss) -> None:
    """Refuse symbols that would read like the learning rate or the batch size."""
    from sgdtheory.errors import DomainError
    from sgdtheory.symbols import eta, m

    statement = problem.statement
    used = {symbol.name for symbol in (*statement.parameters, *statement.law.symbols, *statement.constants)}
    if taken := sorted(used & {eta.name, m.name}):
        raise DomainError(
            f"{' and '.join(taken)} already has a meaning",
            got=str(statement.loss),
            allowed="other names: eta is the learning rate and m the batch size",
            mend="rename it",
        )


def _rate(text: str | None) -> sp.Expr | None:
    from sgdtheory.algebra.parser import parse
    from sgdtheory.errors import DomainError

    rate = None if text is None else parse(text)
    if rate is not None and rate.free_symbols:
        raise DomainError(
            "the learning rate is not a number",
            got=text,
            allowed="a number such as 0.1 or 1/10",
            mend="leave --learning-rate out to have the symbol eta",
        )
    return rate


def _optimizer(problem: SampledLoss, rate: sp.Expr | None, batch_size: int | None) -> SGD | None:
    """Return the optimizer, with symbols for what was left out; None if nothing was given where all else is numbers."""
    from sgdtheory.errors import DomainError
    from sgdtheory.optimizers import SGD
    from sgdtheory.symbols import eta, m

    if problem.constants:
        return SGD(eta if rate is None else rate, m if batch_size is None else batch_size)
    if rate is None and batch_size is None:
        return None
    if rate is None or batch_size is None:
        raise DomainError(
            "learning rate and batch size belong together",
            got="only one of them",
            allowed="both, or neither",
            mend="give --learning-rate and --batch-size",
        )
    return SGD(float(rate), batch_size)


def _facts(problem: SampledLoss, data: list[str]) -> str:
    """Return what the problem is, as lines of label and value."""
    from sgdtheory.render.text import expression

    source = problem if problem.model is None else problem.model
    noise = problem.noise if problem.model is None else problem.model.noise.floor
    places = zip(problem.statement.parameters, source.minimum, strict=True)
    minimum = [f"{symbol} = {_number(value)}" for symbol, value in places]
    lines = [
        ("loss of one sample", expression(problem.statement.loss)),
        ("data", "; ".join(" ".join(text.split()) for text in data)),
        ("minimum", ", ".join(minimum)),
        ("Hessian", _matrix(source.hessian)),
        ("gradient covariance there", _matrix(noise)),
    ]
    lines += [("note", caveat) for caveat in problem.caveats]
    return _aligned(lines)


def _law(problem: SampledLoss, optimizer: SGD) -> str:
    """Return the stationary law as lines of label and value."""
    from sgdtheory.verbs.laws import stationary_law

    law = stationary_law(problem, optimizer)
    rate, batch = _number(optimizer.learning_rate), _number(optimizer.batch_size)
    lines = [("covariance", _matrix(law.covariance)), ("expected excess loss", _number(law.excess_loss))]
    return f"Stationary law, learning rate {rate}, batches of {batch}:\n{_aligned(lines)}"


def _aligned(lines: list[tuple[str, str]]) -> str:
    width = files.columns() - LABEL - 2
    filled = (textwrap.wrap(text, width, break_long_words=False) for _, text in lines)
    gap = "\n" + " " * (LABEL + 2)
    return "\n".join(f"  {label:<{LABEL}}{gap.join(parts)}" for (label, _), parts in zip(lines, filled, strict=True))


def _matrix(matrix: Any) -> str:
    """Return a matrix by rows, or its one entry."""
    rows, columns = matrix.shape
    entries = [[_number(matrix[i, j]) for j in range(columns)] for i in range(rows)]
    return entries[0][0] if rows == columns == 1 else "[" + "; ".join(", ".join(row) for row in entries) + "]"


def _number(value: Any) -> str:
    import sympy as sp

    from sgdtheory.render.text import expression

    return expression(value) if isinstance(value, sp.Basic) else f"{value:.6g}"
