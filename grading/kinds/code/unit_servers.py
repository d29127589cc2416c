"""What answers in the candidate's jail in mode: unit: what is this attribute, and what comes back from this call.

One line of JSON each way. Values: null, true, false and texts as they are; {"int": hex}, {"float": decimal},
{"list": []}, {"tuple": []}, {"set": []}, {"map": [[key, value]]}, {"bytes": hex}; and {"object": number, "type": name} for
what stays where it is, with "like": true where it is a kind of list, tuple, set or map. A server holds nothing worth stealing: what the tests expect is in another jail.
"""

from __future__ import annotations

_PYTHON = r'''"""Answers calls of the functions and classes in main.py."""
import sys

_home = sys.path.pop(0)
import json, operator, os, traceback

sys.path.insert(0, _home)


def _serve(write=os.write, end=os._exit, dumps=json.dumps, loads=json.loads, show=traceback.print_exception):
    channel, asked = os.dup(1), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    held, numbers = [], {}

    def hold(value):
        """Its number, the same each time: it stays held, so nothing else can come to have its identity."""
        if id(value) not in numbers:
            numbers[id(value)] = len(held)
            held.append(value)
        return numbers[id(value)]

    class TooLarge(Exception):
        pass

    def plain(value):
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                return kind(kind.__iter__(value))
        return dict(dict.items(value))

    def is_own(kind):
        return str(getattr(sys.modules.get(kind.__module__), "__file__", "")).startswith(_home)

    uses = {"plain": plain, "len": len, "str": str, "list": list, "item": operator.getitem, "in": operator.contains}
    sizes = {"bytes": bytes.fromhex, "int": lambda text: int(text, 16), "float": float}
    whole = {"list": list, "tuple": tuple, "set": set}

    def typed(value, depth, room):
        room[0] -= 1
        if depth > 60 or room[0] < 0:
            raise TooLarge("the value is too large to hand over")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return {"int": hex(int.__index__(value))}
        if isinstance(value, float):
            return {"float": float.__repr__(value)}
        if isinstance(value, (bytes, bytearray)):
            return {"bytes": bytes(value).hex()}
        # A class of the candidate's that inherits from list has methods of its own, so its objects stay here.
        if isinstance(value, (list, tuple, set, frozenset, dict)) and is_own(type(value)):
            return {"object": hold(value), "type": type(value).__name__, "like": True}
        for kind, types in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
            if isinstance(value, types):
                return {kind: [typed(each, depth + 1, room) for each in value]}
        if isinstance(value, dict):
            return {"map": [[typed(key, depth + 1, room), typed(each, depth + 1, room)] for key, each in value.items()]}
        return {"object": hold(value), "type": type(value).__name__}

    def value_of(given):
        if not isinstance(given, dict):
            return given
        ((kind, inner),) = list(given.items())[:1]
        if kind in sizes:
            return sizes[kind](inner)
        if kind in whole:
            return whole[kind](value_of(each) for each in inner)
        if kind == "map":
            return {value_of(key): value_of(each) for key, each in inner}
        return held[inner]

    def answer(ask):
        if not held:
            import main

            hold(main)
        of = held[ask["of"]]
        if "get" in ask:
            return getattr(of, ask["get"])
        args = [value_of(each) for each in ask["args"]]
        if "use" in ask:
            return uses[ask["use"]](of, *args)
        return of(*args, **{name: value_of(each) for name, each in ask["named"].items()})

    for line in asked:
        ask = loads(line)
        try:
            reply = {"value": typed(answer(ask), 0, [200000])}
        except BaseException as error:
            names = [each.__name__ for each in type(error).__mro__ if each is not object]
            try:
                said = str(error)[:500]
                show(type(error), error, error.__traceback__)
            except BaseException:
                said = ""
            reply = {"raised": names, "said": said}
        try:
            sys.stdout.flush()
        except BaseException:
            pass
        left = dumps({**reply, "to": ask["id"]}).encode() + b"\n"
        while left:
            left = left[write(channel, left):]
    end(0)


_serve()
'''

_JAVASCRIPT = r""""use strict";
// Answers calls of the functions and classes in main.js.
const fs = require("fs");
const vm = require("vm");
const { createRequire } = require("module");
const { stringify, parse } = JSON;
const { isArray } = Array;
const { readSync, writeSync, readFileSync } = fs;
const end = process.reallyExit.bind(process);
process.stdout.write = process.stderr.write.bind(process.stderr);
const held = [];
const numbers = new Map();
let pending = Buffer.alloc(0);

class TooLarge extends Error {}

function readLine() {
  const chunk = Buffer.alloc(65536);
  for (;;) {
    const at = pending.indexOf(10);
    if (at >= 0) {
      const line = pending.subarray(0, at).toString("utf8");
      pending = pending.subarray(at + 1);
      return line;
    }
    let got = 0;
    try {
      got = readSync(0, chunk, 0, chunk.length, null);
    } catch (error) {
      if (error.code !== "EOF") throw error;
    }
    if (got === 0) return null;
    pending = Buffer.concat([pending, chunk.subarray(0, got)]);
  }
}

function typed(value, depth, room) {
  room[0] -= 1;
  if (depth > 60 || room[0] < 0) throw new TooLarge("the value is too large to hand over");
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)) return typed(BigInt(value), depth, room);
  if (typeof value === "number") return { float: Number.isFinite(value) ? `${value}` : `${value}`.replace("Infinity", "inf") };
  if (typeof value === "bigint") return { int: (value < 0n ? "-0x" : "0x") + (value < 0n ? -value : value).toString(16) };
  // A class of the candidate's that extends Array has methods of its own, so its objects stay here.
  const like = [Array, Set, Map].find((kind) => value instanceof kind);
  if (like && Object.getPrototypeOf(value) !== like.prototype) {
    return { object: hold(value), type: (value.constructor || Object).name, like: true };
  }
  if (isArray(value)) return { list: Array.from(value, (each) => typed(each, depth + 1, room)) };
  if (value instanceof Set) return { set: Array.from(value, (each) => typed(each, depth + 1, room)) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  const plain = typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  const pairs = value instanceof Map ? [...value] : plain ? Object.entries(value) : null;
  if (pairs) return { map: pairs.map(([key, each]) => [typed(key, depth + 1, room), typed(each, depth + 1, room)]) };
  return { object: hold(value), type: typeof value === "function" ? value.name : (value.constructor || Object).name };
}

function hold(value) {
  if (!numbers.has(value)) numbers.set(value, held.push(value) - 1);
  return numbers.get(value);
}

function valueOf(given) {
  if (given === null || typeof given !== "object") return given;
  const [kind, inner] = Object.entries(given)[0];
  if (kind === "int") {
    const number = inner.startsWith("-") ? -BigInt(inner.slice(1)) : BigInt(inner);
    return Number.isSafeInteger(Number(number)) ? Number(number) : number;
  }
  if (kind === "float") return Number(inner.replace("inf", "Infinity"));
  if (kind === "bytes") return Uint8Array.from(Buffer.from(inner, "hex"));
  if (kind === "list" || kind === "tuple") return inner.map(valueOf);
  if (kind === "set") return new Set(inner.map(valueOf));
  if (kind === "map") {
    const pairs = inner.map(([key, each]) => [valueOf(key), valueOf(each)]);
    return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs) : new Map(pairs);
  }
  return held[inner];
}

function plainOf(of) {
  if (isArray(of)) return Array.from(of);
  return of instanceof Set ? new Set(of) : new Map(of);
}

const uses = {
  plain: plainOf,
  len: (of) => of.length ?? of.size,
  str: (of) => String(of),
  list: (of) => Array.from(of),
  item: (of, key) => of[key],
  in: (of, key) => (typeof of.has === "function" ? of.has(key) : key in of),
};

function load() {
  Object.assign(globalThis, { require: createRequire(`${process.cwd()}/main.js`), module: { exports: {} } });
  globalThis.exports = globalThis.module.exports;
  vm.runInThisContext(readFileSync("main.js", "utf8"), { filename: "main.js" });
  hold("main.js");
}

function get(of, name) {
  if (of === 0) {
    const own = vm.runInThisContext(`typeof ${name} === "undefined" ? undefined : ${name}`);
    const found = own === undefined ? globalThis.module.exports[name] : own;
    if (found === undefined) throw new ReferenceError(`${name} is not defined`);
    return found;
  }
  const found = held[of][name];
  return typeof found === "function" ? found.bind(held[of]) : found;
}

function call(of, args) {
  const isClass = /^class\b/.test(Function.prototype.toString.call(held[of]));
  return isClass ? Reflect.construct(held[of], args) : held[of](...args);
}

async function answer(ask) {
  if (held.length === 0) load();
  if ("get" in ask) return get(ask.of, ask.get);
  const args = ask.args.map(valueOf);
  return "use" in ask ? uses[ask.use](held[ask.of], ...args) : call(ask.of, args);
}

function names(error) {
  const found = [];
  for (let at = error; at instanceof Error && found.length < 9; at = Object.getPrototypeOf(at)) {
    const name = at.constructor && at.constructor.name;
    if (name && !found.includes(name)) found.push(name);
  }
  return found.length ? found : [typeof error];
}

(async () => {
  for (let line = readLine(); line !== null; line = readLine()) {
    const ask = parse(line);
    let reply;
    try {
      reply = { value: typed(await answer(ask), 0, [200000]) };
    } catch (error) {
      reply = { raised: names(error), said: String((error && error.message) || error).slice(0, 500) };
      process.stderr.write(`${(error && error.stack) || error}\n`);
    }
    const bytes = Buffer.from(`${stringify({ ...reply, to: ask.id })}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  }
  end(0);
})();
"""

SERVERS = {"python": _PYTHON, "javascript": _JAVASCRIPT}
