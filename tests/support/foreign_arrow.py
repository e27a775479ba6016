"""Batches of Arrow's C data interface, made by hand so that they can lie."""

from __future__ import annotations

import ctypes
from typing import Any

RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Schema(ctypes.Structure):
    """ArrowSchema."""


class Array(ctypes.Structure):
    """ArrowArray."""


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
# A consumer may let go of what it was given long after the test; capsules here own nothing.
IMMORTAL: list[object] = []
RELEASE_AT = {"arrow_schema": Schema.release.offset, "arrow_array": Array.release.offset}


def _releaser(offset: int) -> Any:
    def release(structure: int) -> None:
        ctypes.c_void_p.from_address(structure + offset).value = None

    return RELEASE(release)


# For as long as anybody may call them.
RELEASERS = {name: _releaser(offset) for name, offset in RELEASE_AT.items()}
_new = ctypes.pythonapi.PyCapsule_New
_new.restype = ctypes.py_object
_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def capsule(structure: ctypes.Structure, name: bytes) -> Any:
    """A capsule of this name."""
    return _new(ctypes.addressof(structure), name, None)


class Foreign:
    """A copy of a batch's structures over its buffers. Whatever is changed in them is what the consumer gets;
    nothing of it is ever freed."""

    def __init__(self, batch: Any) -> None:
        IMMORTAL.append(self)
        self._given = batch.__arrow_c_array__()
        self._kept: list[Any] = [batch]
        schema, array = self._given
        self.schema = self._copy(Schema.from_address(_pointer(schema, b"arrow_schema")), "arrow_schema")
        self.array = self._copy(Array.from_address(_pointer(array, b"arrow_array")), "arrow_array")
        self.schema_name, self.array_name = b"arrow_schema", b"arrow_array"

    def _copy(self, given: Any, name: str) -> Any:
        own = type(given)()
        ctypes.pointer(own)[0] = given
        children = [self._copy(given.children[index].contents, name) for index in range(given.n_children)]
        pointers = (ctypes.POINTER(type(given)) * max(len(children), 1))(*map(ctypes.pointer, children))
        own.children = ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(type(given))))
        if given.dictionary:
            dictionary = self._copy(given.dictionary.contents, name)
            own.dictionary = ctypes.pointer(dictionary)
            self._kept.append(dictionary)
        if isinstance(own, Array):
            buffers = (ctypes.c_void_p * (given.n_buffers + 8))(*given.buffers[: given.n_buffers])
            own.buffers = ctypes.cast(buffers, ctypes.POINTER(ctypes.c_void_p))
            self._kept.append(buffers)
        own.release = ctypes.cast(RELEASERS[name], ctypes.c_void_p).value
        self._kept += [own, children, pointers]
        return own

    def buffer(self, array: Any, index: int, octets: bytes) -> None:
        """Another buffer."""
        held = ctypes.create_string_buffer(octets, max(len(octets), 1))
        self._kept.append(held)
        array.buffers[index] = ctypes.addressof(held)

    def column(self, index: int) -> Any:
        """The structure of a column."""
        return self.array.children[index].contents

    def field(self, index: int) -> Any:
        """The structure of a column's type."""
        return self.schema.children[index].contents

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        return capsule(self.schema, self.schema_name), capsule(self.array, self.array_name)


STREAM_CALL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
STREAM_ERROR = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)


class Stream(ctypes.Structure):
    """ArrowArrayStream."""

    _fields_ = (
        ("get_schema", ctypes.c_void_p),
        ("get_next", ctypes.c_void_p),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class ForeignStream:
    """A stream of such batches: the schema of the first, the arrays of all; then an error, if given."""

    def __init__(
        self, batches: list[Foreign], *, code: int = 0, text: bytes | None = b"", schema_code: int = 0
    ) -> None:
        IMMORTAL.append(self)
        self.batches = batches
        self.asked = 0
        self._text = ctypes.create_string_buffer(text) if text is not None else None

        def get_schema(_stream: int, out: int) -> int:
            if schema_code == 0:
                ctypes.pointer(Schema.from_address(out))[0] = batches[0].schema
            return schema_code

        def get_next(_stream: int, out: int) -> int:
            self.asked += 1
            if self.asked <= len(batches):
                ctypes.pointer(Array.from_address(out))[0] = batches[self.asked - 1].array
                return 0
            Array.from_address(out).release = None
            return code

        def get_last_error(_stream: int) -> int | None:
            return None if self._text is None else ctypes.addressof(self._text)

        def release(structure: int) -> None:
            Stream.from_address(structure).release = None

        self._calls = (
            STREAM_CALL(get_schema),
            STREAM_CALL(get_next),
            STREAM_ERROR(get_last_error),
            RELEASE(release),
        )
        self.stream = Stream(*(ctypes.cast(call, ctypes.c_void_p).value for call in self._calls), None)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return capsule(self.stream, b"arrow_array_stream")
