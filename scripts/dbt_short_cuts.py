"""What scripts/quick_dbt.py puts in the place of functions of dbt: import it only where that says that the versions fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jinja2
from dbt.clients.jinja import MacroGenerator
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import BaseMacroGenerator, CallableMacroGenerator
from dbt_common.dataclass_schema import dbtClassMixin
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

_parsed: dict[tuple[type, tuple[str, ...], str], jinja2.nodes.Template] = {}
_valid: set[tuple[type, str]] = set()
_testers: dict[tuple[Any, ...], Any] = {}

_compiled: dict[tuple[Any, ...], Any] = {}

_parse = jinja2.Environment.parse
_compile = jinja2.Environment.compile
_validate = dbtClassMixin.__dict__["validate"].__func__
_build_type_tester = agate_helper.build_type_tester
_fire_event = EventManager.fire_event


def parse_once(self: jinja2.Environment, source: str, name: str | None = None, filename: str | None = None) -> jinja2.nodes.Template:
    """jinja2.Environment.parse, which dbt uses for looking only. Every project has the same macros, parsed twice each."""
    key = (type(self), tuple(sorted(self.extensions)), source)
    if key not in _parsed:
        _parsed[key] = _parse(self, source, name, filename)
    return _parsed[key]


def compile_once(self: jinja2.Environment, source: Any, name: str | None = None, filename: str | None = None, *arguments: Any) -> Any:
    """jinja2.Environment.compile of a text: the same code for every project that has it."""
    if arguments or not isinstance(source, str):
        return _compile(self, source, name, filename, *arguments)
    key = (type(self), tuple(sorted(self.extensions)), source, name, filename)
    if key not in _compiled:
        _compiled[key] = _compile(self, source, name, filename)
    return _compiled[key]


def validate_once(cls: type, data: Any) -> None:
    """dbtClassMixin.validate: a config that was valid before is valid. An eighth of parsing."""
    try:
        key = (cls, json.dumps(data, sort_keys=True))
    except TypeError:
        _validate(cls, data)
        return
    if key not in _valid:
        _validate(cls, data)
        _valid.add(key)


class Macros(dict[str, Any]):
    """A dict that makes a MacroGenerator when it is asked for one.

    dbt makes a thousand of them for each of hundreds of contexts in a build, and calls a few: a third of its time.
    """

    def __init__(self, known: dict[str, Any], macros: dict[str, Any], *bound: Any) -> None:
        """What is known already; the macros by name; and what MacroGenerator wants besides a macro: context, node, stack."""
        super().__init__(known)
        self.macros, self.bound = macros, bound

    def __missing__(self, name: str) -> Any:
        self[name] = generator = MacroGenerator(self.macros[name], *self.bound)
        return generator

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.macros

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 (it would call itself)

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(dict.keys(self)), **self.macros})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def keys(self) -> Any:
        return list(iter(self))

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


def build_macros(self: ManifestContext) -> MacroNamespace:
    """ManifestContext._build_namespace. That a name occurs once in a package is checked where macros are loaded."""
    builder = self._get_namespace_builder()
    self._ctx = Macros(self._ctx, {})
    self._ctx.bound = bound = (self._ctx, builder.node, builder.thread_ctx)
    packages = dict(self.manifest.get_macros_by_package())
    internal: dict[str, Any] = {}
    for package in reversed(builder.internal_package_names_order):
        internal.update(packages.pop(package, {}))
    root, local = ({} if name is None else packages.get(name, {}) for name in (builder.root_package, builder.search_package))
    return MacroNamespace(
        global_namespace=Macros({}, {} if root is local else root, *bound),
        local_namespace=Macros({}, local, *bound),
        global_project_namespace=Macros({}, internal, *bound),
        packages={package: Macros({}, macros, *bound) for package, macros in packages.items()},
    )


def build_namespace(self: ManifestContext) -> MacroNamespace:
    """The namespace of those contexts that have all macros; others have a few, and make them as dbt does."""
    builder = self._get_namespace_builder()
    return build_macros(self) if type(builder) is MacroNamespaceBuilder else _build_namespace(self)


def to_dict(self: ManifestContext) -> dict[str, Any]:
    """ManifestContext.to_dict, without a search through all spaces for every name: what comes later here comes first there."""
    space: Any = self.namespace
    if not isinstance(space, MacroNamespace) or not isinstance(self._ctx, Macros):
        return _to_dict(self)
    found: Any = super(ManifestContext, self).to_dict()
    ours: list[Any] = [space.global_namespace, space.local_namespace]
    found.macros = {name: macro for part in (space.global_project_namespace, *ours) for name, macro in part.macros.items()}
    for name in dict.keys(found) & found.macros.keys():
        del found[name]
    for name, package in {"dbt": space.global_project_namespace, **space.packages}.items():
        if not any(name in part for part in ours):
            found[name] = package
    return found


_to_dict, _build_namespace = ManifestContext.to_dict, ManifestContext._build_namespace


def get_macro_once(self: CallableMacroGenerator) -> Any:
    """BaseMacroGenerator.get_macro: a macro is the same for all calls of one generator, which has one context."""
    if "made" not in self.__dict__:
        self.__dict__["made"] = _get_macro(self)
    return self.__dict__["made"]


_get_macro = BaseMacroGenerator.get_macro


def type_tester_once(text_columns: Any, string_null_values: Any = ("null", "")) -> Any:
    """build_type_tester, which makes a parser of dates with all its patterns for every result of a query."""
    columns = tuple(text_columns)
    key = (columns, None if string_null_values is None else tuple(string_null_values))
    if key not in _testers:
        _testers[key] = _build_type_tester(columns, string_null_values)
    return _testers[key]


def init_lazily(self: BaseEvent, *arguments: Any, **keywords: Any) -> None:
    """BaseEvent.__init__, when somebody looks: thousands of debug events a build are made for nobody."""
    object.__setattr__(self, "given", (arguments, keywords))


def getattr_lazily(self: BaseEvent, name: str) -> Any:
    """BaseEvent.__getattr__, which gives the fields of the message, and makes it first."""
    if name == "pb_msg":
        arguments, keywords = self.__dict__["given"]
        _init_event(self, *arguments, **keywords)
        return self.__dict__["pb_msg"]
    return getattr(self.pb_msg, name)


def setattr_lazily(self: BaseEvent, name: str, value: Any) -> None:
    """BaseEvent.__setattr__, on the message."""
    if name == "pb_msg":
        object.__setattr__(self, name, value)
    else:
        setattr(self.pb_msg, name, value)


_init_event = BaseEvent.__init__


def fire_if_shown(self: EventManager, e: BaseEvent, level: EventLevel | None = None, *arguments: Any, **keywords: Any) -> None:
    """EventManager.fire_event for what can be seen: the tests read info and above."""
    if (level or e.level_tag()) not in (EventLevel.DEBUG, EventLevel.TEST):
        _fire_event(self, e, level, *arguments, **keywords)


# What repeats itself in every build; and what nobody sees who reads no debug log.
REPEATED: tuple[tuple[Any, str, Any], ...] = (
    (jinja2.Environment, "parse", parse_once),
    (jinja2.Environment, "compile", compile_once),
    (dbtClassMixin, "validate", classmethod(validate_once)),
    (ManifestContext, "_build_namespace", build_namespace),
    (ManifestContext, "to_dict", to_dict),
    (BaseMacroGenerator, "get_macro", get_macro_once),
    (agate_helper, "build_type_tester", type_tester_once),
)
UNSEEN: tuple[tuple[Any, str, Any], ...] = (
    (BaseEvent, "__init__", init_lazily),
    (BaseEvent, "__getattr__", getattr_lazily),
    (BaseEvent, "__setattr__", setattr_lazily),
    (EventManager, "fire_event", fire_if_shown),
)
# What was there, from before anything is replaced: this module is imported once.
ORIGINAL = {(owner, name): owner.__dict__[name] for owner, name, _ in (*REPEATED, *UNSEEN)}
