// A calculation as people write it → its value. Nothing is ever run as a program: this reads the signs one by one.
//
//   sum      term { (+|−) term }
//   term     signed { (×|÷) signed | power }     2π, 3(4+1): a sign left out means times
//   signed   { −|+ } power                       −2^2 is −4
//   power    piece [ ^ signed ]                  2^3^2 is 2^9
//   piece    whole { ! | % }
//   whole    number | constant | √ whole | name ( sum ) | ( sum )

import { CalculationError, Decimal } from "./decimal.js";

const LONGEST = 200;
const DEEPEST = 40;
const TOKEN = /\s*(?:(\d+(?:[.,]\d*)?(?:E[+−-]?\d+)?|[.,]\d+(?:E[+−-]?\d+)?)|(asin|acos|atan|sin|cos|tan|ln|log|exp|abs|Ans|pi|e|π)|([-+−×*÷/^!%()√]))/y;
const SAME = { "-": "−", "*": "×", "/": "÷", pi: "π" };
const TINY = 1e-15; // below this a sine is the rounding of π
const HALF_TURN = Decimal.parse("180");
const PI = Decimal.parse("3.1415926535897932384626433832795028841972");
const E = Decimal.parse("2.718281828459045235360287471352662497757");

const small = (number) => Decimal.from(Math.abs(number) < TINY ? 0 : number);

/** Sine, cosine, tangent of an angle; multiples of a quarter turn are exact. */
function turned(name, angle, degrees) {
  if (degrees) {
    const quarter = angle.modulo(new Decimal(360n)).over(new Decimal(90n));
    if (quarter.isWhole) {
      const [sine, cosine] = [[0, 1], [1, 0], [0, -1], [-1, 0]][quarter.number()];
      if (name === "tan" && cosine === 0) throw new CalculationError("undefined");
      return Decimal.from({ sin: sine, cos: cosine, tan: sine / cosine || 0 }[name]);
    }
    angle = angle.modulo(new Decimal(360n)).times(PI).over(HALF_TURN);
  }
  const number = angle.number();
  if (name === "tan" && Math.abs(Math.cos(number)) < TINY) throw new CalculationError("undefined");
  return small(Math[name](number));
}

function logarithm(name, value) {
  if (value.sign <= 0) throw new CalculationError("undefined");
  return Decimal.from(Math[name](value.number()));
}

const FUNCTIONS = {
  sin: (value, degrees) => turned("sin", value, degrees),
  cos: (value, degrees) => turned("cos", value, degrees),
  tan: (value, degrees) => turned("tan", value, degrees),
  asin: (value, degrees) => angle(Math.asin(value.number()), degrees),
  acos: (value, degrees) => angle(Math.acos(value.number()), degrees),
  atan: (value, degrees) => angle(Math.atan(value.number()), degrees),
  ln: (value) => logarithm("log", value),
  log: (value) => logarithm("log10", value),
  exp: (value) => Decimal.from(Math.exp(value.number())),
  abs: (value) => (value.sign < 0 ? value.negated() : value),
};

function angle(radians, degrees) {
  return Decimal.from(degrees ? (radians * 180) / Math.PI : radians);
}

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  for (const rest = text.trimEnd(); TOKEN.lastIndex < rest.length;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(rest);
    if (!match) throw new CalculationError(/^\s*[.,\d]/.test(rest.slice(at)) ? "number" : "unknown");
    const [, number, name, sign] = match;
    if (number && found.at(-1)?.number) throw new CalculationError("number");
    found.push(number ? { number } : { sign: SAME[name ?? sign] ?? name ?? sign });
  }
  return found;
}

class Reader {
  constructor(text, { degrees, answer }) {
    this.tokens = tokens(text);
    this.at = 0;
    this.depth = 0;
    this.degrees = degrees;
    this.answer = answer;
  }

  get next() {
    return this.tokens[this.at] ?? {};
  }

  take(...signs) {
    if (!signs.includes(this.next.sign)) return null;
    return this.tokens[this.at++].sign;
  }

  sum() {
    let value = this.term();
    for (let sign; (sign = this.take("+", "−"));) value = sign === "+" ? value.plus(this.term()) : value.minus(this.term());
    return value;
  }

  term() {
    let value = this.signed();
    for (;;) {
      const sign = this.take("×", "÷");
      if (sign) value = sign === "×" ? value.times(this.signed()) : value.over(this.signed());
      else if (this.next.sign in FUNCTIONS || ["(", "√", "π", "e", "Ans"].includes(this.next.sign)) value = value.times(this.power());
      else return value;
    }
  }

  signed() {
    let turnedRound = false;
    for (let sign; (sign = this.take("+", "−"));) if (sign === "−") turnedRound = !turnedRound;
    const value = this.power();
    return turnedRound ? value.negated() : value;
  }

  power() {
    if (++this.depth > DEEPEST) throw new CalculationError("unknown");
    const base = this.piece();
    const value = this.take("^") ? base.toThe(this.signed()) : base;
    this.depth -= 1;
    return value;
  }

  piece() {
    let value = this.whole();
    for (let sign; (sign = this.take("!", "%"));) value = sign === "!" ? value.factorial() : value.times(new Decimal(1n, -2));
    return value;
  }

  whole() {
    const { number, sign } = this.next;
    this.at += 1;
    if (number) return Decimal.parse(number.replace(",", ".").replace("−", "-"));
    if (sign === "π") return PI;
    if (sign === "e") return E;
    if (sign === "Ans") return this.answer;
    if (sign === "√") {
      if (++this.depth > DEEPEST) throw new CalculationError("unknown");
      const value = this.whole().root();
      this.depth -= 1;
      return value;
    }
    if (sign === "(") return this.inside();
    if (sign in FUNCTIONS && this.take("(")) return FUNCTIONS[sign](this.inside(), this.degrees);
    throw new CalculationError("unfinished");
  }

  /** Up to the closing bracket; those at the very end may be left out. */
  inside() {
    const value = this.sum();
    if (!this.take(")") && this.at < this.tokens.length) throw new CalculationError("unfinished");
    return value;
  }
}

/** The value of a calculation. Raises `CalculationError`. */
export function calculate(text, { degrees = true, answer = new Decimal(0n) } = {}) {
  if (text.length > LONGEST) throw new CalculationError("too-long");
  const reader = new Reader(text, { degrees, answer });
  const value = reader.sum();
  if (reader.at < reader.tokens.length) throw new CalculationError("unfinished");
  return value;
}
