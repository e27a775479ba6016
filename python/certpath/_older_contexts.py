"""What makes or holds contexts that certpath does not judge, although it stands in the place of `ssl`'s.

`inject_into_ssl` replaces names. What a module has made or imported before is its own: here it is found.
"""

from __future__ import annotations

import _ssl
import gc
import itertools
import sys
import types
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_OBJECTS", "InjectionWarning", "Unjudged", "find"]

# What `ssl.SSLContext` itself derives from; looked up once, as names may come to mean other classes.
_Base: Any = _ssl._SSLContext  # noqa: SLF001 - as in _context.py

# Packages that put contexts of their own around those of `ssl`, and need the class that was there before.
WRAPPERS = ("certpath", "eventlet", "gevent", "ssl", "_ssl", "truststore")
_VENDORED_WRAPPERS = ("pip._vendor.truststore",)

# Beyond the modules, so many of the collector's objects are gone through: the newest, then the oldest ones.
MOST_OBJECTS = 1_000_000
# Of so many the collector itself takes longer than the rest: what waits to be collected is then told, too.
_MOST_COLLECTED = 250_000
# To find what holds contexts, every reference is compared with each of them; of others only the type is told.
_MOST_COMPARED = 10_000_000
_MOST_TRACED = 100


class InjectionWarning(RuntimeWarning):
    """After `inject_into_ssl` something in the process still verifies without certpath."""

    __module__ = "certpath"


class Unjudged(NamedTuple):
    """Something that is older than the injection: what it verifies, certpath does not judge."""

    kind: Literal["context", "class", "function", "cut"]
    """A ready-made context; a class whose contexts are not certpath's; a function that makes such. ``"cut"``,
    the last entry, where there are more objects than are gone through."""
    module: str | None
    """The module that holds it, or whose class does. ``None`` where only local variables or the like do."""
    attribute: str | None
    """Where it is in the module: ``_context``, ``Client.context`` (of the class or one of its objects),
    ``_contexts['default']``. ``None`` where it has no name of its own: in a list, for instance."""
    type: str
    """The class of the context, or the class or function itself, with its module; or how many objects were
    not looked at."""

    @property
    def place(self) -> str:
        """Module and attribute, as one name."""
        if self.module is None:
            return "(no module)"
        return self.module if self.attribute is None else f"{self.module}.{self.attribute}"


Unjudged.__module__ = "certpath"


def is_wrapper(module_name: str) -> bool:
    """Whether a module belongs to a package that has to keep the class of before."""
    return module_name.partition(".")[0] in WRAPPERS or module_name.startswith(_VENDORED_WRAPPERS)


def modules() -> Iterator[tuple[str, types.ModuleType]]:
    """The modules that are loaded, those of wrappers aside."""
    seen: set[int] = set()
    loaded: dict[str, Any] = dict(sys.modules)
    for name, module in loaded.items():
        if isinstance(module, types.ModuleType) and not is_wrapper(name) and id(module) not in seen:
            # One module may go by several names.
            seen.add(id(module))
            yield name, module


def find(judged: type, replaced: dict[str, Any], limit: int | None) -> list[Unjudged]:
    """All of it: `judged` is certpath's class, `replaced` has what has been replaced, by its name.

    Modules are looked into whatever their number; of all other objects, at most `limit` are.
    """
    search = _Search(judged, replaced)
    for name, module in modules():
        search.look_into(name, module)
    search.look_elsewhere(sys.maxsize if limit is None else limit)
    # One object may hold many, and one context may be held under several names: each place is told once.
    return list(dict.fromkeys(search.found))


class _Search:
    """What has been found so far, and which contexts have a name already."""

    def __init__(self, judged: type, replaced: dict[str, Any]) -> None:
        self.found: list[Unjudged] = []
        self._judged = judged
        self._replaced = replaced
        # By id: metaclasses need not let their classes be compared.
        self._older = {id(kind) for kind in _older_classes(judged)}
        self._named: set[int] = set()

    def look_into(self, module_name: str, module: types.ModuleType) -> None:
        """What has a name in a module, or in a class or dictionary there."""
        for name, value in list(vars(module).items()):
            kind = type(value)
            # Not isinstance: a proxy would answer for what it stands for, or raise.
            if self._is_older_context(value):
                self._note(value, module_name, name)
            elif kind is dict:
                for key, inner in list(value.items()):
                    if self._is_older_context(inner) and isinstance(key, str):
                        self._note(inner, module_name, f"{name}[{key!r}]")
            elif issubclass(kind, type):
                self._look_into_class(module_name, name, value)
            elif kind is types.FunctionType and value is self._replaced["create_default_context"]:
                self.found.append(Unjudged("function", module_name, name, _name_of(value)))

    def _look_into_class(self, module_name: str, name: str, value: type) -> None:
        is_own = value.__module__ == module_name
        if value is self._replaced["SSLContext"] or (is_own and id(value) in self._older):
            self.found.append(Unjudged("class", module_name, name, _name_of(value)))
        elif is_own:
            for key, inner in list(vars(value).items()):
                if self._is_older_context(inner):
                    self._note(inner, module_name, f"{name}.{key}")

    def look_elsewhere(self, limit: int) -> None:
        """Whatever else there is, and the attribute of an object that holds it."""
        others, count = self._others(limit)
        if others:
            if count <= _MOST_COLLECTED:
                # Some may be waiting to be collected; not while there is a list that has them.
                others.clear()
                gc.collect()
                others, count = self._others(limit)
            traced = min(_MOST_TRACED, _MOST_COMPARED // count) if count <= limit else 0
            holders = _holders_of(others[:traced])
            for value in others:
                self._note(value, *holders.get(id(value), (None, None)))
        if count > limit:
            self.found.append(Unjudged("cut", None, None, f"{count - limit:,} objects"))

    def _others(self, limit: int) -> tuple[list[object], int]:
        """The older contexts without a name among so many objects, and how many objects there are."""
        objects = gc.get_objects()
        # No line of Python for each object: there may be a million.
        is_older = map(self._older.__contains__, map(id, map(type, objects)))
        older = itertools.compress(itertools.islice(objects, limit), is_older)
        found = [one for one in older if self._is_older_context(one) and id(one) not in self._named]
        return found, len(objects)

    def _is_older_context(self, value: object) -> bool:
        if id(type(value)) not in self._older:
            return False
        # truststore's contexts verify by another one, which they keep.
        return not type.__subclasscheck__(self._judged, type(_attributes_of(value).get("_ctx")))

    def _note(self, value: object, module: str | None, attribute: str | None) -> None:
        self._named.add(id(value))
        self.found.append(Unjudged("context", module, attribute, _name_of(type(value))))


def _older_classes(judged: type) -> list[type]:
    """Every class of contexts that is not certpath's. Their metaclasses need not let them be compared."""
    # Bare ones of the class below it are what certpath itself keeps certificates in.
    found: list[type] = type.__subclasses__(_Base)
    for kind in found:
        below: list[type] = type.__subclasses__(kind)
        found += [one for one in below if one is not judged]
    return found


def _holders_of(contexts: list[object]) -> dict[int, tuple[str, str]]:
    """For the id of each context, module and attribute of the first object that has it among its attributes.

    All at once: each question about referrers goes through everything that the process has.
    """
    if not contexts:
        return {}
    wanted = {id(context) for context in contexts}
    referrers = gc.get_referrers(*contexts)
    dictionaries = [one for one in referrers if type(one) is dict]
    owners = [one for one in referrers if type(one) is not dict]
    if dictionaries:
        owners += gc.get_referrers(*dictionaries)
    found: dict[int, tuple[str, str]] = {}
    for owner in owners:
        kind = type(owner)
        # Connections have the context that they were made by; that says nothing about who will use it.
        if kind.__module__ in {"ssl", "_ssl", "builtins"} or is_wrapper(kind.__module__):
            continue
        for name, value in _values_of(owner):
            if id(value) in wanted:
                found.setdefault(id(value), (kind.__module__, f"{kind.__qualname__}.{name}"))
    return found


def _values_of(owner: object) -> Iterator[tuple[str, object]]:
    """The attributes and their values, without asking the object: it may have opinions of its own."""
    yield from list(_attributes_of(owner).items())
    for kind in type(owner).__mro__:
        for name, slot in list(vars(kind).items()):
            if isinstance(slot, types.MemberDescriptorType):
                try:
                    yield name, slot.__get__(owner)
                except (AttributeError, TypeError):
                    continue


def _attributes_of(value: object) -> dict[str, Any]:
    try:
        attributes: dict[str, Any] = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return attributes


def _name_of(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"
