"""What stands with the author's tests in mode: unit, in a jail of their own: what runs one of them, and `candidate`.

Neither the tests nor what they expect lie beside the candidate's code, which can answer with values and nothing else.
The lines that go to and fro are those of `unit_servers`.
"""

from __future__ import annotations

PROXY = r'''"""The candidate's program, as an author's tests see it: `candidate.mean([1, 2])`, `candidate.Stack().push(3)`.

What comes back are plain values, made anew here. Anything else stays where it is and is an `_Elsewhere`: its attributes
are read and its methods are called there, but whether it equals something is never asked of the candidate's code: an
object that is a kind of list, tuple, set or dict is equal to what has its members, which are compared here.
"""
import builtins as _builtins, json as _json

_LONGEST = 2 * 1024 * 1024  # bytes of one answer
# Raised inside the author's own `map` or `for`, these would end it early and quietly.
_ENDS_A_LOOP = (StopIteration, StopAsyncIteration)
_talk = {}
_calls = []
_gone = []


class _Gone(BaseException):
    """The program ended too early, or what it answered is no answer. No exception of the program's: a test that waits
    for one must not take this for it, and one that catches it all the same fails (`_gone`)."""


class Raised(Exception):
    """The candidate's code raised this. `names`: the class, and those that it inherits from."""

    names = ()


class _Elsewhere:
    """An object of the candidate's program."""

    def __init__(self, number, kind, name, like=False):
        vars(self).update(_number=number, _kind=kind, _name=name, _like=like)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _ask({"of": self._number, "get": name}, f"{self._name}.{name}" if self._name else name)

    def __call__(self, *args, **named):
        told = ", ".join([*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in named.items())])
        ask = {"of": self._number, "args": [_typed(each) for each in args]}
        ask["named"] = {name: _typed(value) for name, value in named.items()}
        name = f"{self._name}({told})"
        value = _ask(ask, name, told=name)
        _calls.append(f"{name} is {_shown(value)}")
        return value

    def _use(self, use, *args):
        return _ask({"of": self._number, "use": use, "args": [_typed(each) for each in args]}, "")

    def __len__(self):
        return _use_as(self, int, "len")

    def __str__(self):
        return _use_as(self, str, "str")

    def __iter__(self):
        return iter(_use_as(self, list, "list"))

    def __getitem__(self, key):
        return self._use("item", key)

    def __contains__(self, key):
        return _use_as(self, bool, "in", key)

    def __eq__(self, other):
        if self._like and not isinstance(other, _Elsewhere):
            return self._use("plain") == other
        return isinstance(other, _Elsewhere) and self._number == other._number

    __hash__ = object.__hash__

    def __bool__(self):
        if self._like:
            return bool(self._use("plain"))
        raise TypeError(f"a {self._kind} of the program is neither true nor false")

    def __repr__(self):
        return f"<{self._kind}>"


def _shown(value):
    try:
        return repr(value)
    except Exception:  # Python writes out no number of more than 4300 digits
        return f"<{type(value).__name__}>"


def _use_as(thing, kind, use, *args):
    value = thing._use(use, *args)
    if type(value) is not kind:
        raise TypeError(f"{use} of a {thing._kind} of the program is no {kind.__name__}")
    return value


def _connect(replies, channel):
    """Begin. Both are open binary files."""
    _talk.update(replies=replies, channel=channel, id=0)


def _ask(ask, name, told=""):
    _talk["id"] += 1
    try:
        _talk["channel"].write(_json.dumps({**ask, "id": _talk["id"]}).encode() + b"\n")
        _talk["channel"].flush()
        line = _talk["replies"].readline(_LONGEST)
        reply = _json.loads(line) if line.endswith(b"\n") else None
    except (OSError, ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict) or reply.get("to") != _talk["id"]:
        _leave("the program ended before it had answered, or answered something else")
    if "raised" in reply:
        error = _error(reply)
        if told:
            _calls.append(f"{told} raised {type(error).__name__}")
        raise error
    try:
        return _value(reply["value"], name)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        _leave("the program answered something that is no value")


def _leave(why):
    _gone.append(why)
    raise _Gone(why) from None


def _error(reply):
    names = [str(name)[:100] for name in reply["raised"]][:20] if isinstance(reply["raised"], list) else []
    known = (getattr(_builtins, name, None) for name in names)
    base = next((each for each in known if isinstance(each, type) and issubclass(each, Exception)), Exception)
    if issubclass(base, _ENDS_A_LOOP):
        base = RuntimeError
    said = str(reply.get("said", ""))[:500]
    try:
        name = names[0] if names and names[0].isidentifier() else "Raised"
        made = type(name, (Raised,) if base is Exception else (Raised, base), {"names": tuple(names)})
        error = made.__new__(made)
    except (TypeError, ValueError):  # an exception that cannot be made of nothing, such as a group of others
        error = Raised()
        error.names = tuple(names)
    error.args = (said,)
    return error


def _value(given, name):
    if given is None or isinstance(given, (bool, str)):
        return given
    kind, inner = next(iter(given.items()))
    if kind == "int":
        return int(inner, 16)
    if kind == "float":
        return float(inner)
    if kind == "bytes":
        return bytes.fromhex(inner)
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind](_value(each, name) for each in inner)
    if kind == "map":
        return {_value(key, name): _value(each, name) for key, each in inner}
    if kind == "object" and type(inner) is int:
        return _Elsewhere(inner, str(given.get("type", ""))[:100], name, given.get("like") is True)
    raise ValueError(kind)


def _typed(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"int": hex(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    for kind, types in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, types):
            return {kind: [_typed(each) for each in value]}
    if isinstance(value, dict):
        return {"map": [[_typed(key), _typed(each)] for key, each in value.items()]}
    if isinstance(value, _Elsewhere):
        return {"object": value._number}
    raise TypeError(f"a {type(value).__name__} cannot be handed to the program")


_program = _Elsewhere(0, "program", "")


def __getattr__(name):
    return getattr(_program, name)
'''

RUNNER = r'''"""Runs one of the author's tests: 42 when it returns, 43 when it does not, 1 when there is no such test."""
import os, sys, traceback

import candidate


def _write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8", errors="replace") as file:
        file.write(text)


def _said(error):
    try:
        return str(error.args[0]) if isinstance(error, candidate.Raised) else str(error)
    except Exception:
        return ""


def main():
    folder, name = sys.argv[3], sys.argv[4]
    channel, replies = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    candidate._connect(replies, channel)
    import unit_tests

    test = getattr(unit_tests, name)
    code = 42
    try:
        test()
        if candidate._gone:
            raise candidate._Gone(candidate._gone[0])
    except (Exception, candidate._Gone) as error:
        code = 43
        said = f"{type(error).__name__.lstrip('_')}: {_said(error)}"
        lines = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.endswith("unit_tests.py")]
        place = f"line {lines[-1].lineno}: " if lines else ""
        _write(folder, "judgemessage.txt", (place + said)[:1500])
    _write(folder, "teammessage.txt", "\n".join(each[:300] for each in candidate._calls[-5:]))
    sys.stderr.flush()
    os._exit(code)


main()
'''
