// Numbers as people write them: whole digits times a power of ten. 0.1 + 0.2 is 0.3 here.

const PRECISION = 40; // significant digits that are carried; far more than are shown
const LARGEST = 400; // powers of ten; beyond, a result is too large, or so small that it is zero

/** What cannot be calculated; `code` names the sentence that says why. */
export class CalculationError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const ten = (power) => 10n ** BigInt(power);
const size = (digits) => (digits < 0n ? -digits : digits).toString().length;

/** Divide and round half away from zero. */
function divided(one, other) {
  const sign = (one < 0n) !== (other < 0n) ? -1n : 1n;
  const [top, bottom] = [one < 0n ? -one : one, other < 0n ? -other : other];
  return sign * ((2n * top + bottom) / (2n * bottom));
}

export class Decimal {
  constructor(digits, power = 0) {
    const extra = size(digits) - PRECISION;
    if (extra > 0) {
      digits = divided(digits, ten(extra));
      power += extra;
    }
    while (digits !== 0n && digits % 10n === 0n) {
      digits /= 10n;
      power += 1;
    }
    if (digits === 0n || power + size(digits) < -LARGEST) [digits, power] = [0n, 0];
    if (power + size(digits) > LARGEST) throw new CalculationError("too-large");
    this.digits = digits;
    this.power = power;
  }

  /** From digits with a point and perhaps an exponent: `12.5`, `.5`, `1E-7`. */
  static parse(text) {
    const [plain, exponent = "0"] = text.split(/E/i);
    const [whole, part = ""] = plain.split(".");
    const power = Number(exponent) - part.length;
    if (Math.abs(power) > 2 * LARGEST) throw new CalculationError("too-large");
    return new Decimal(BigInt(`${whole}${part}`), power);
  }

  /** From a machine number: its last, doubtful digits are left away. */
  static from(number) {
    if (Number.isNaN(number)) throw new CalculationError("undefined");
    if (!Number.isFinite(number)) throw new CalculationError("too-large");
    const text = Math.abs(number).toPrecision(15);
    return number < 0 ? Decimal.parse(text).negated() : Decimal.parse(text);
  }

  get isZero() {
    return this.digits === 0n;
  }

  get isWhole() {
    return this.power >= 0;
  }

  get sign() {
    return this.digits < 0n ? -1 : this.digits > 0n ? 1 : 0;
  }

  number() {
    return Number(`${this.digits}E${this.power}`);
  }

  negated() {
    return new Decimal(-this.digits, this.power);
  }

  plus(other) {
    const power = Math.min(this.power, other.power);
    return new Decimal(this.digits * ten(this.power - power) + other.digits * ten(other.power - power), power);
  }

  minus(other) {
    return this.plus(other.negated());
  }

  times(other) {
    return new Decimal(this.digits * other.digits, this.power + other.power);
  }

  over(other) {
    if (other.isZero) throw new CalculationError("zero");
    const shift = Math.max(0, PRECISION + 2 + size(other.digits) - size(this.digits));
    return new Decimal(divided(this.digits * ten(shift), other.digits), this.power - other.power - shift);
  }

  /** What is left after taking away `other` as often as it fits; never below zero for a positive `other`. */
  modulo(other) {
    const power = Math.min(this.power, other.power);
    const [one, two] = [this.digits * ten(this.power - power), other.digits * ten(other.power - power)];
    return new Decimal(((one % two) + two) % two, power);
  }

  root() {
    if (this.sign < 0) throw new CalculationError("undefined");
    if (this.isZero) return this;
    let shift = Math.max(0, 2 * PRECISION - size(this.digits));
    if ((this.power - shift) % 2 !== 0) shift += 1;
    const square = this.digits * ten(shift);
    let guess = ten(Math.ceil(size(square) / 2));
    for (;;) {
      const next = (guess + square / guess) / 2n;
      if (next >= guess) break;
      guess = next;
    }
    return new Decimal(guess, (this.power - shift) / 2);
  }

  toThe(exponent) {
    if (this.isZero && exponent.sign < 0) throw new CalculationError("zero");
    if (!exponent.isWhole || Math.abs(exponent.number()) > 9999) {
      if (this.sign < 0 && !exponent.isWhole) throw new CalculationError("undefined");
      return Decimal.from(this.number() ** exponent.number());
    }
    const times = Math.abs(exponent.number());
    if (times * Math.abs(Math.log10(Math.abs(this.number()) || 1)) > LARGEST && exponent.sign > 0 && Math.abs(this.number()) > 1) {
      throw new CalculationError("too-large");
    }
    let result = new Decimal(1n);
    for (let [square, left] = [this, times]; left > 0; left = Math.floor(left / 2)) {
      if (left % 2) result = result.times(square);
      if (left > 1) square = square.times(square);
    }
    return exponent.sign < 0 ? new Decimal(1n).over(result) : result;
  }

  factorial() {
    const number = this.number();
    if (!this.isWhole || number < 0) throw new CalculationError("undefined");
    if (number > 200) throw new CalculationError("too-large");
    let result = 1n;
    for (let factor = 2n; factor <= BigInt(number); factor += 1n) result *= factor;
    return new Decimal(result);
  }

  /** Rounded to so many significant digits, as one would write it down; very large and small ones with an exponent. */
  show(significant = 12, point = ".") {
    if (this.isZero) return "0";
    const extra = size(this.digits) - significant;
    const rounded = extra > 0 ? new Decimal(divided(this.digits, ten(extra)), this.power + extra) : this;
    const minus = rounded.digits < 0n ? "−" : "";
    const text = rounded.digits.toString().replace("-", "");
    const place = rounded.power + text.length; // where the point stands, counted from the first digit
    if (place > significant + 3 || place < -5) {
      const rest = text.slice(1);
      return `${minus}${text[0]}${rest && point}${rest}E${place - 1 < 0 ? "−" : ""}${Math.abs(place - 1)}`;
    }
    if (rounded.power >= 0) return minus + text + "0".repeat(rounded.power);
    if (place <= 0) return `${minus}0${point}${"0".repeat(-place)}${text}`;
    return minus + text.slice(0, place) + point + text.slice(place);
  }
}
