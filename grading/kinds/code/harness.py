"""The callers: what starts in the jail in the place of the candidate's program when a function is asked for.

A caller reads from standard input what to call, hands standard output over to standard error so that what the candidate
prints disturbs nothing, calls, and writes the value, as it is, in one record to what was standard output. It holds
nothing worth stealing: what the value must be never enters the jail. Whoever gets at the record can write no more than
a value, and to write the right one is to have found it.

A record is a line `RS invigil {JSON}`. A value in it: null, true, false and texts as they are; and with their types
{"int": hex}, {"float": decimal}, {"list": []}, {"map": [[key, value]]}, {"set": []}, {"bytes": hex}, {"other": type}.
"""

from __future__ import annotations

MARK = b"\x1einvigil "

PYTHON = r'''"""Calls the function in main.py, or runs what the test asks to run, and tells the value."""
import sys

_home = sys.path.pop(0)
import ast, json, os, traceback

sys.path.insert(0, _home)


def _serve(write=os.write, end=os._exit, dumps=json.dumps, show=traceback.print_exception):
    asked = b""
    while part := os.read(0, 65536):
        asked += part
    channel = os.dup(1)
    os.dup2(2, 1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    ask = json.loads(asked)
    room = [200000]

    def typed(value, depth=0):
        room[0] -= 1
        if depth > 60 or room[0] < 0:
            return {"other": "something too large"}
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
        if isinstance(value, (list, tuple)):
            return {"list": [typed(each, depth + 1) for each in value]}
        if isinstance(value, (set, frozenset)):
            return {"set": [typed(each, depth + 1) for each in value]}
        if isinstance(value, dict):
            return {"map": [[typed(key, depth + 1), typed(each, depth + 1)] for key, each in value.items()]}
        return {"other": type(value).__name__}

    def run(main):
        if "call" not in ask:
            return getattr(main, ask["function"])(*ask["args"])
        space, lines = vars(main), ast.parse(ask["call"])
        last = lines.body.pop() if lines.body and isinstance(lines.body[-1], ast.Expr) else None
        exec(compile(lines, "test", "exec"), space)
        return eval(compile(ast.Expression(last.value), "test", "eval"), space) if last else None

    key = "broken"
    try:
        import main

        key = "raised"
        record = {"value": typed(run(main))}
    except BaseException as error:
        record = {key: [each.__name__ for each in type(error).__mro__ if each is not object]}
        show(type(error), error, error.__traceback__)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        pass
    left = b"\x1einvigil " + dumps(record).encode() + b"\n"
    while left:
        left = left[write(channel, left):]
    end(0)


_serve()
'''

JAVASCRIPT = r""""use strict";
// Calls the function in main.js, or runs what the test asks to run, and tells the value.
const fs = require("fs");
const vm = require("vm");
const { createRequire } = require("module");
const { stringify, parse } = JSON;
const { isArray } = Array;
const write = fs.writeSync.bind(fs);
const end = process.reallyExit.bind(process);
const ask = parse(fs.readFileSync(0, "utf8"));
process.stdout.write = process.stderr.write.bind(process.stderr);
let room = 200000;

function typed(value, depth = 0) {
  room -= 1;
  if (depth > 60 || room < 0) return { other: "something too large" };
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return { float: Number.isFinite(value) ? stringify(value) : `${value}` };
  if (typeof value === "bigint") return { int: (value < 0n ? "-0x" : "0x") + (value < 0n ? -value : value).toString(16) };
  if (isArray(value)) return { list: Array.from(value, (each) => typed(each, depth + 1)) };
  if (value instanceof Set) return { set: Array.from(value, (each) => typed(each, depth + 1)) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  const pairs = value instanceof Map ? [...value] : typeof value === "object" ? Object.entries(value) : null;
  if (pairs) return { map: pairs.map(([key, each]) => [typed(key, depth + 1), typed(each, depth + 1)]) };
  return { other: typeof value };
}

function names(error) {
  const found = [];
  for (let at = error; at instanceof Error && found.length < 9; at = Object.getPrototypeOf(at)) {
    const name = at.constructor && at.constructor.name;
    if (name && !found.includes(name)) found.push(name);
  }
  return found.length ? found : [typeof error];
}

function find(name) {
  const own = vm.runInThisContext(`typeof ${name} === "undefined" ? undefined : ${name}`);
  return own === undefined ? globalThis.module.exports[name] : own;
}

(async () => {
  let key = "broken";
  let record;
  try {
    Object.assign(globalThis, { require: createRequire(`${process.cwd()}/main.js`), module: { exports: {} } });
    globalThis.exports = globalThis.module.exports;
    vm.runInThisContext(fs.readFileSync("main.js", "utf8"), { filename: "main.js" });
    key = "raised";
    const got = "call" in ask ? vm.runInThisContext(ask.call, { filename: "test" }) : find(ask.function)(...ask.args);
    record = { value: typed(await got) };
  } catch (error) {
    record = { [key]: names(error) };
    process.stderr.write(`${(error && error.stack) || error}\n`);
  }
  const bytes = Buffer.from(`\u001einvigil ${stringify(record)}\n`);
  for (let at = 0; at < bytes.length; ) at += write(1, bytes, at);
  end(0);
})();
"""

CALLERS = {"python": PYTHON, "javascript": JAVASCRIPT}
