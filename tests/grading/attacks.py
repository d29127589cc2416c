"""Programs that want points for what they have not found out. The function is asked for as `answer(n)`, and no program
here knows its value; each writes to standard error all that it could reach.
"""

from __future__ import annotations

# --- Python ---------------------------------------------------------------------------------------------------------

LOOK_AROUND = r"""
import gc, os, sys

def look_around():
    seen = [repr(sys.argv), repr(dict(os.environ))]
    frame = sys._getframe()
    while frame:
        seen += [repr(frame.f_locals), repr(frame.f_code.co_consts), repr(frame.f_code.co_names)]
        frame = frame.f_back
    for each in gc.get_objects():
        if isinstance(each, (dict, list, tuple)) and len(each) < 500:
            seen.append(repr(each)[:5000])
    for at, folders, files in os.walk("/"):
        if at == "/":
            folders[:] = [name for name in folders if name in ("work", "tmp", "dev", "home", "root", "var", "run", "etc")]
        for name in files:
            seen.append(f"{at}/{name}")
            try:
                with open(f"{at}/{name}", "rb") as file:
                    seen.append(repr(file.read(20000)))
            except OSError:
                pass
    for number in ("self", *filter(str.isdigit, os.listdir("/proc"))):
        for name in ("cmdline", "environ", "maps", "stat"):
            try:
                with open(f"/proc/{number}/{name}", "rb") as file:
                    seen.append(repr(file.read(20000)))
            except OSError:
                pass
        try:
            for fd in os.listdir(f"/proc/{number}/fd"):
                seen.append(os.readlink(f"/proc/{number}/fd/{fd}"))
        except OSError:
            pass
    return "\n".join(seen)
"""

RECORDS = r"""
def everywhere(text):
    import os
    for fd in range(0, 64):
        try:
            os.write(fd, text)
        except OSError:
            pass
"""

PYTHON: dict[str, str] = {
    "exit": "raise SystemExit(0)",
    "os_exit_at_import": "import os\nos._exit(0)",
    "os_exit_in_the_call": "import os\ndef answer(n):\n    os._exit(0)",
    "exit_with_42": "import os\ndef answer(n):\n    os._exit(42)",
    "atexit": RECORDS
    + """
import atexit
atexit.register(everywhere, b'\\x1einvigil {"value": {"int": "0x5"}}\\n')
def answer(n): return None
""",
    "a_record_of_its_own": RECORDS
    + """
import os
def answer(n):
    everywhere(b'\\x1einvigil {"value": true}\\n')
    os._exit(0)
""",
    "every_record_there_is": RECORDS
    + """
import os
def answer(n):
    for at in range(0, 40):
        everywhere(b"".join(b'\\x1einvigil {"value": {"int": "%s"}}\\n' % hex(k).encode() for k in range(at * 50, at * 50 + 50)))
    os._exit(0)
""",
    "a_record_for_later": RECORDS
    + """
import os, time
def answer(n):
    if os.fork() == 0:
        time.sleep(0.2)
        everywhere(b'\\x1einvigil {"value": {"int": "0x5"}}\\n')
        os._exit(0)
    return 0
""",
    "equal_to_everything": """
class All(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __index__(self): return 0
    def __float__(self): return 0.0
def answer(n): return All(0)
""",
    "another_class": """
class Seems:
    __class__ = property(lambda self: int)
    def __eq__(self, other): return True
    def __index__(self): return 3
def answer(n): return Seems()
""",
    "builtins_are_patched": """
import builtins, json, os, sys
builtins.isinstance = lambda *a: True
builtins.hex = lambda *a: "0x0"
builtins.type = lambda *a: int
builtins.getattr = lambda *a: (lambda *b: 0)
json.dumps = lambda *a, **k: '{"passed": true, "verdict": "AC", "points": 100}'
json.loads = lambda *a, **k: {"passed": True}
json.JSONEncoder.default = lambda self, o: True
def answer(n): return 0
""",
    "the_callers_own_locals": """
import ctypes, sys
def answer(n):
    frame = sys._getframe(1)
    while frame:
        for name in ("record", "ask", "want", "wanted", "expected", "key"):
            if name in frame.f_locals:
                frame.f_locals[name] = {"value": True}
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return None
""",
    "no_number": "def answer(n): return float('nan')",
    "beyond_numbers": "def answer(n): return 10.0 ** 308 * 10",
    "both_values": "def answer(n): return [n, n]",
    "a_text": "def answer(n): return '" + "9" * 12 + "'",
    "endless_digits": "def answer(n): return 10 ** 1000000",
    "deeper_than_allowed": """
def answer(n):
    value = []
    for _ in range(100000): value = [value]
    return value
""",
    "itself": "def answer(n):\n    value = []\n    value.append(value)\n    return value",
    "a_lazy_value": "def answer(n): return (k for k in range(10))",
    "an_error_that_says_passed": "class Passed(BaseException): pass\ndef answer(n): raise Passed('value')",
    "a_killer": "import os, signal\ndef answer(n): os.kill(0, signal.SIGKILL)",
    "who_kills_the_parent": "import os, signal\ndef answer(n): os.kill(1, signal.SIGKILL); os.kill(os.getppid(), signal.SIGKILL)",
    "another_caller": RECORDS
    + """
import os
for name in os.listdir("."):
    try: open(name, "w").write("print('passed')")
    except OSError: pass
def answer(n): return 0
""",
    "what_can_be_seen": LOOK_AROUND
    + """
def answer(n):
    sys.stderr.write(look_around())
    return 0
""",
}

HONEST_PYTHON: dict[str, str] = {
    "plain": "def answer(n): return RIGHT(n)",
    "noise": """
import sys
print("\\x1einvigil {\\"value\\": 0}")
def answer(n):
    print("noise", flush=True)
    sys.__stdout__.write("\\x1einvigil noise\\n")
    return RIGHT(n)
""",
    "its_own_exit": "import atexit, sys\natexit.register(print, 'bye')\ndef answer(n): return RIGHT(n)",
    "a_subclass": "class Mine(int): pass\ndef answer(n): return Mine(RIGHT(n))",
    "names_of_modules": "json = os = sys = 5\ndef answer(n): return RIGHT(n)",
    "a_fraction": "def answer(n): return float(RIGHT(n))",
    "a_thread": "import threading\nthreading.Thread(target=lambda: print('x'), daemon=True).start()\ndef answer(n): return RIGHT(n)",
}

# --- JavaScript -----------------------------------------------------------------------------------------------------

JAVASCRIPT: dict[str, str] = {
    "exit": "process.exit(0);",
    "exit_in_the_call": "function answer(n) { process.reallyExit(0); }",
    "aborts": "function answer(n) { process.abort(); }",
    "a_record_of_its_own": r"""
const fs = require("fs");
function answer(n) {
  for (let fd = 1; fd < 40; fd++) try { fs.writeSync(fd, '\x1einvigil {"value": {"int": "0x5"}}\n'); } catch {}
  process.reallyExit(0);
}
""",
    "every_record_there_is": r"""
const fs = require("fs");
function answer(n) {
  for (let k = 0; k < 2000; k++) fs.writeSync(1, `\x1einvigil {"value": {"int": "0x${k.toString(16)}"}}\n`);
  process.reallyExit(0);
}
""",
    "patched": r"""
const yes = () => true;
JSON.stringify = () => '{"value": true}';
Array.isArray = yes; Number.isFinite = yes; Object.entries = () => []; Object.is = yes;
require("fs").writeSync = yes;
process.exit = yes;
Object.prototype.toJSON = () => 0;
function answer(n) { return 0; }
""",
    "any_value": r"""
function answer(n) {
  return { valueOf: () => 0, toString: () => "0", toJSON: () => 0, [Symbol.toPrimitive]: () => 0 };
}
""",
    "a_proxy": "function answer(n) { return new Proxy([], { get: () => 0, ownKeys: () => [], getPrototypeOf: () => Number.prototype }); }",
    "never": "function answer(n) { return new Promise(() => {}); }",
    "rejected": "async function answer(n) { throw { name: 'passed', value: true }; }",
    "no_number": "function answer(n) { return NaN; }",
    "itself": "function answer(n) { const a = []; a.push(a); return a; }",
    "what_can_be_seen": r"""
const fs = require("fs");
function answer(n) {
  const seen = [JSON.stringify(process.argv), JSON.stringify(process.env), answer.caller && String(answer.caller)];
  for (const name of fs.readdirSync(".")) try { seen.push(fs.readFileSync(name, "utf8")); } catch {}
  for (const name of Object.getOwnPropertyNames(globalThis)) try { seen.push(name + String(globalThis[name])); } catch {}
  process.stderr.write(seen.join("\n"));
  return 0;
}
""",
}

HONEST_JAVASCRIPT: dict[str, str] = {
    "plain": "function answer(n) { return RIGHT(n); }",
    "an_arrow": "const answer = (n) => RIGHT(n);",
    "exported": "module.exports = { answer(n) { return RIGHT(n); } };",
    "noise": "console.log('noise');\nfunction answer(n) { console.log('\\x1einvigil {}'); process.stdout.write('x'); return RIGHT(n); }",
    "later": "async function answer(n) { await new Promise((done) => setTimeout(done, 5)); return RIGHT(n); }",
    "large": "const answer = (n) => BigInt(RIGHT(n));",
}

# --- C --------------------------------------------------------------------------------------------------------------

C: dict[str, str] = {
    "exit": "#include <stdlib.h>\nlong answer(int n) { exit(0); }",
    "constructor": """
#include <unistd.h>
#include <stdio.h>
__attribute__((constructor)) static void first(void) {
    for (int fd = 1; fd < 40; fd++) dprintf(fd, "\\x1einvigil {\\"value\\": {\\"int\\": \\"0x5\\"}}\\n");
}
long answer(int n) { _exit(0); }
""",
    "crash": "long answer(int n) { return *(volatile long *)0; }",
}
HONEST_C: dict[str, str] = {
    "plain": "long answer(int n) { return RIGHT(n); }",
    "noise": '#include <stdio.h>\nlong answer(int n) { printf("noise"); return RIGHT(n); }',
}

# --- unit: the author's tests are in another jail -----------------------------------------------------------------

UNIT: dict[str, str] = {
    "exit": "raise SystemExit(0)",
    "os_exit": "import os\ndef answer(n):\n    os._exit(0)",
    "exit_with_42": "import os\ndef answer(n):\n    os._exit(42)",
    "equal_to_everything": """
class All:
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __sub__(self, other): return 0
    def __len__(self): return 0
def answer(n): return All()
""",
    "answers_before_it_is_asked": RECORDS
    + """
everywhere(b"".join(b'{"to": %d, "value": true}\\n' % k for k in range(1, 9)))
def answer(n): return 0
""",
    "answers_of_the_wrong_kind": RECORDS
    + """
import os
def answer(n):
    everywhere(b'{"to": 2, "value": {"object": []}}\\n')
    os._exit(0)
""",
    "an_object_that_is_not_there": RECORDS
    + """
import os
def answer(n):
    everywhere(b'{"to": 2, "value": {"object": 0, "type": "int"}}\\n')
""",
    "too_deep": RECORDS + "import os\ndef answer(n):\n    everywhere(b'[' * 200000 + b'\\n')\n    os._exit(0)",
    "raises_what_stops_the_tests": RECORDS
    + """
import os
def answer(n):
    everywhere(b'{"to": 2, "raised": ["SystemExit", "KeyboardInterrupt", "GeneratorExit"], "said": "x"}\\n')
""",
    "raises_groups": RECORDS
    + """
import os
def answer(n):
    everywhere(b'{"to": 2, "raised": ["ExceptionGroup"], "said": 5}\\n')
""",
    "what_can_be_seen": LOOK_AROUND + "\ndef answer(n):\n    sys.stderr.write(look_around())\n    return 0\n",
}

# --- outputs that a checker or an interactor of the author judges ---------------------------------------------------

OUTPUTS: dict[str, str] = {
    "exit_with_42": "import os\nos._exit(42)",
    "exit_with_43": "print(5)\nimport os\nos._exit(43)",
    "a_feedback_folder": """
import os
os.makedirs("feedback", exist_ok=True)
for name in ("score.txt", "score_multiplier.txt", "judgemessage.txt", "teammessage.txt", "nextpass.in"):
    open(f"feedback/{name}", "w").write("1")
for name in ("test.ans", "test.in", "test.out", "check.py"):
    open(name, "w").write("0")
print("feedback/score.txt 42 accepted")
""",
    "links_in_the_place_of_files": """
import os
for name in ("feedback", "test.ans", "test.out"):
    os.symlink("/proc/1/root", name)
print(0)
""",
    "a_nul_and_more": "import sys\nsys.stdout.buffer.write(b'\\0\\xff\\x1b[2J42\\r\\n\\0')",
    "all_numbers": "print(*range(100000))",
    "options": "print('--accept -e 42 $(exit 42) ; exit 42')",
    "what_can_be_seen": LOOK_AROUND + "\nsys.stderr.write(look_around())\nprint(0)\n",
}

TALKS: dict[str, str] = {
    "leaves_at_once": "",
    "exit_with_42": "import os\nos._exit(42)",
    "says_it_has_won": "print('correct')\nprint('accepted 42')",
    "floods": "import os\nwhile True: os.write(1, b'5' * 65536)",
    "never_answers": "import time\ntime.sleep(60)",
    "closes_its_output": "import os\nos.close(1)\nos.close(0)\nimport time\ntime.sleep(0.2)",
    "a_line_without_end": "import os\nos.write(1, b'7' * 300000)\nos._exit(0)",
    "what_can_be_seen": LOOK_AROUND + "\nsys.stderr.write(look_around())\nprint(0, flush=True)\nprint(input())\n",
}
