"""A SIMD vector type for Numba, so that kernels say what is to be one instruction instead of hoping for it.

``Vector(dtype, length)`` is LLVM's ``<length x dtype>``. Operators act on each entry, and numbers are spread over the
entries. Floating-point arithmetic may be contracted to fused multiply-adds and sums may be reordered; NaN and infinity
keep their meaning.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import signature as typing_signature
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model

FLAGS = ("contract", "nsz")
REORDERED = ("contract", "nsz", "reassoc")


class Vector(types.Type):
    """``length`` numbers of a Numba ``dtype``."""

    def __init__(self, dtype: Any, length: int) -> None:
        self.dtype, self.length = dtype, length
        super().__init__(name=f"Vector({dtype}, {length})")


@register_model(Vector)
class VectorModel(models.PrimitiveModel):
    """LLVM's own vectors."""

    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, ir.VectorType(manager.lookup(kind.dtype).get_value_type(), kind.length))


def _spread(builder: Any, number: Any, vector: ir.VectorType) -> Any:
    lane = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, lane)
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None))


def _as_vector(context: Any, builder: Any, value: Any, given: Any, wanted: Vector) -> Any:
    if isinstance(given, Vector):
        return value
    number = context.cast(builder, value, given, wanted.dtype)
    return _spread(builder, number, context.get_value_type(wanted))


def _flagged(name: str) -> Callable[..., Any]:
    return lambda builder, a, b: getattr(builder, name)(a, b, flags=FLAGS)


def _plain(name: str) -> Callable[..., Any]:
    return lambda builder, a, b: getattr(builder, name)(a, b)


REAL = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
WHOLE = {
    operator.add: "add",
    operator.sub: "sub",
    operator.mul: "mul",
    operator.xor: "xor",
    operator.and_: "and_",
    operator.or_: "or_",
    operator.lshift: "shl",
    operator.rshift: "lshr",  # the integers here are unsigned
}


def _define(operation: Any) -> None:
    # A typing rule and a lowering compile several times faster than ``overload``, which makes a function of each use.
    @infer_global(operation)
    class OnVectors(AbstractTemplate):
        def generic(self, operands: tuple[Any, ...], named: Any) -> Any:
            vectors = [kind for kind in operands if isinstance(kind, Vector)]
            return typing_signature(vectors[0], *operands) if vectors and len(operands) == 2 else None

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.return_type
        emit = _flagged(REAL[operation]) if isinstance(kind.dtype, types.Float) else _plain(WHOLE[operation])
        operands = zip(arguments, signature.args, strict=True)
        return emit(builder, *(_as_vector(context, builder, value, given, kind) for value, given in operands))

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(operation, *kinds)(build)


for _operation in {**REAL, **WHOLE}:
    _define(_operation)


@intrinsic
def address(typing: Any, array: Any) -> Any:
    """Return where a contiguous array's entries begin: unlike arrays, addresses are not counted by the runtime."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), build


@intrinsic
def entry(typing: Any, start: Any, offset: Any) -> Any:
    """Return one number at an address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.gep(arguments[0], [arguments[1]]))

    return start.dtype(start, types.intp), build


@intrinsic
def put(typing: Any, start: Any, offset: Any, number: Any) -> Any:
    """Write one number at an address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        cast = context.cast(builder, arguments[2], number, start.dtype)
        builder.store(cast, builder.gep(arguments[0], [arguments[1]]))
        return context.get_dummy_value()

    return types.void(start, types.intp, number), build


@intrinsic
def load(typing: Any, start: Any, offset: Any, like: Any) -> Any:
    """Return the entries from ``offset`` on, as many as the tuple or vector ``like`` has."""
    kind = like if isinstance(like, Vector) else Vector(start.dtype, len(like))

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.gep(arguments[0], [arguments[1]])
        loaded = builder.load(builder.bitcast(pointer, context.get_value_type(kind).as_pointer()))
        loaded.align = start.dtype.bitwidth // 8
        return loaded

    return kind(start, types.intp, like), build


@intrinsic
def store(typing: Any, start: Any, offset: Any, value: Any) -> Any:
    """Write a vector to the entries from ``offset`` on, rounded to single precision where these are such."""
    shorter = isinstance(value.dtype, types.Float) and start.dtype.bitwidth < value.dtype.bitwidth

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        numbers = arguments[2]
        if shorter:
            numbers = builder.fptrunc(numbers, context.get_value_type(Vector(start.dtype, value.length)))
        pointer = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), numbers.type.as_pointer())
        builder.store(numbers, pointer).align = start.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(start, types.intp, value), build


@intrinsic
def extended(typing: Any, value: Any) -> Any:
    """Return a vector in double precision."""
    kind = Vector(types.float64, value.length)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return arguments[0] if value == kind else builder.fpext(arguments[0], context.get_value_type(kind))

    return kind(value), build


@intrinsic
def total(typing: Any, value: Any) -> Any:
    """Return the sum of a vector's entries."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, number = context.get_value_type(value), context.get_value_type(value.dtype)
        name = f"llvm.vector.reduce.fadd.v{value.length}f{value.dtype.bitwidth}"
        reduce = cgutils.get_or_insert_function(builder.module, ir.FunctionType(number, [number, vector]), name)
        return builder.call(reduce, [ir.Constant(number, 0.0), arguments[0]], fastmath=REORDERED)

    return value.dtype(value), build


@intrinsic
def last(typing: Any, value: Any) -> Any:
    """Return a vector's last entry."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], ir.Constant(ir.IntType(32), value.length - 1))

    return value.dtype(value), build


@intrinsic
def zeros_like(typing: Any, value: Any) -> Any:
    """Return a vector of zeros."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(context.get_value_type(value), None)

    return value(value), build


def _converted(name: str, cast: str, dtype: Any) -> Any:
    def typed(typing: Any, value: Any) -> Any:
        length = value.length * value.dtype.bitwidth // dtype.bitwidth if cast == "bitcast" else value.length
        kind = Vector(dtype, length)

        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, cast)(arguments[0], context.get_value_type(kind))

        return kind(value), build

    typed.__name__ = name
    return intrinsic(typed)


widen = _converted("widen", "zext", types.uint64)
words_of = _converted("words_of", "bitcast", types.uint32)
to_float = _converted("to_float", "uitofp", types.float64)
bits_of = _converted("bits_of", "bitcast", types.uint64)
from_bits = _converted("from_bits", "bitcast", types.float64)


@intrinsic
def below(typing: Any, a: Any, b: Any) -> Any:
    """Return all ones where the unsigned entries of ``a`` are less than ``b``, else zeros."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        right = _as_vector(context, builder, arguments[1], b, a)
        less = builder.icmp_unsigned("<", arguments[0], right)
        return builder.sext(less, context.get_value_type(a))

    return a(a, b), build


@intrinsic
def any_set(typing: Any, value: Any) -> Any:
    """Return whether an entry of whole numbers is not zero."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = context.get_value_type(value)
        bit, bits = ir.IntType(1), ir.VectorType(ir.IntType(1), value.length)
        name = f"llvm.vector.reduce.or.v{value.length}i1"
        reduce = cgutils.get_or_insert_function(builder.module, ir.FunctionType(bit, [bits]), name)
        return builder.call(reduce, [builder.icmp_unsigned("!=", arguments[0], ir.Constant(vector, None))])

    return types.boolean(value), build


@intrinsic
def square_root(typing: Any, value: Any) -> Any:
    """Return the square roots of the entries."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = context.get_value_type(value)
        name = f"llvm.sqrt.v{value.length}f{value.dtype.bitwidth}"
        root = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector]), name)
        return builder.call(root, arguments)

    return value(value), build


def _joined(builder: Any, parts: list[Any]) -> Any:
    """Return the entries of equally long vectors, a power of two of them, in one."""
    while len(parts) > 1:
        length = 2 * parts[0].type.count
        mask = ir.Constant(ir.VectorType(ir.IntType(32), length), list(range(length)))
        parts = [builder.shuffle_vector(a, b, mask) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _picked(builder: Any, vector: Any, places: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), mask)


@intrinsic
def gather(typing: Any, table: Any, indices: Any, offset: Any, row: Any, columns: Any, lanes: Any) -> Any:
    """Return the first columns, and the one after them or the last, of as many rows of a table as there are lanes.

    ``row``, ``columns`` and ``lanes`` are tuples of those lengths; the rows' numbers stand at ``indices`` from
    ``offset`` on. The vectors hold column after column. Whole rows are loaded and transposed in registers, which beats
    the processor's own gathers of numbers where a row fits in a vector.
    """
    width, height, count = len(row), len(columns), len(lanes)
    kind = types.Tuple((Vector(table.dtype, height * count), Vector(table.dtype, count)))

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start, numbers, first = arguments[:3]
        vector = context.get_value_type(Vector(table.dtype, width))
        rows = []
        for lane in range(count):
            place = builder.add(first, ir.Constant(first.type, lane))
            number = builder.zext(builder.load(builder.gep(numbers, [place])), first.type)
            pointer = builder.gep(start, [builder.mul(number, ir.Constant(first.type, width))])
            loaded = builder.load(builder.bitcast(pointer, vector.as_pointer()))
            loaded.align = table.dtype.bitwidth // 8
            rows.append(loaded)
        block = _joined(builder, rows)
        places = [lane * width + column for column in range(min(height + 1, width)) for lane in range(count)]
        head, tail = _picked(builder, block, places[: height * count]), _picked(builder, block, places[-count:])
        return context.make_tuple(builder, signature.return_type, [head, tail])

    return kind(table, indices, types.intp, row, columns, lanes), build


@intrinsic
def fold(typing: Any, value: Any, lanes: Any) -> Any:
    """Return the sum of a vector's columns of ``len(lanes)`` entries each."""
    count = len(lanes)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        columns = [
            _picked(builder, arguments[0], list(range(start, start + count))) for start in range(0, value.length, count)
        ]
        summed = columns[0]
        for column in columns[1:]:
            summed = builder.fadd(summed, column, flags=FLAGS)
        return summed

    return Vector(value.dtype, count)(value, lanes), build


@intrinsic
def tile(typing: Any, value: Any, like: Any) -> Any:
    """Return a vector as long as ``like`` whose columns all are the given one."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _picked(builder, arguments[0], [place % value.length for place in range(like.length)])

    return like(value, like), build
