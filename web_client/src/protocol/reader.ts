/** Checked reading of decoded JSON: what is missing or of another type raises, with the path to it. */

export class ProtocolViolation extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'ProtocolViolation';
  }
}

export type JsonRecord = Record<string, unknown>;

export function asRecord(value: unknown, path: string): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolViolation(`${path} is not an object`);
  }
  return value as JsonRecord;
}

export class Reader {
  constructor(
    readonly record: JsonRecord,
    private readonly path: string,
  ) {}

  private fail(field: string, expected: string): never {
    throw new ProtocolViolation(`${this.path}.${field} is not ${expected}`);
  }

  isNull(field: string): boolean {
    return this.record[field] === null || this.record[field] === undefined;
  }

  text(field: string): string {
    const value = this.record[field];
    return typeof value === 'string' ? value : this.fail(field, 'a string');
  }

  textOrNull(field: string): string | null {
    return this.isNull(field) ? null : this.text(field);
  }

  number(field: string): number {
    const value = this.record[field];
    return typeof value === 'number' && Number.isFinite(value) ? value : this.fail(field, 'a number');
  }

  integer(field: string): number {
    const value = this.number(field);
    return Number.isSafeInteger(value) ? value : this.fail(field, 'an integer');
  }

  integerOrNull(field: string): number | null {
    return this.isNull(field) ? null : this.integer(field);
  }

  boolean(field: string): boolean {
    const value = this.record[field];
    return typeof value === 'boolean' ? value : this.fail(field, 'a boolean');
  }

  oneOfOrNull<T extends string>(field: string, allowed: readonly T[]): T | null {
    return this.isNull(field) ? null : this.oneOf(field, allowed);
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T {
    const value = this.text(field);
    const found = allowed.find((candidate) => candidate === value);
    return found ?? this.fail(field, `one of ${allowed.join(', ')}`);
  }

  child(field: string): Reader {
    const path = `${this.path}.${field}`;
    return new Reader(asRecord(this.record[field], path), path);
  }

  childOrNull<T>(field: string, parse: (reader: Reader) => T): T | null {
    return this.isNull(field) ? null : parse(this.child(field));
  }

  /** An object whose members are named by ids; `parse` reads one of them. */
  members<T>(field: string, parse: (members: Reader, id: string) => T): Record<string, T> {
    const members = this.child(field);
    return Object.fromEntries(Object.keys(members.record).map((id) => [id, parse(members, id)]));
  }

  list<T>(field: string, parse: (reader: Reader) => T): T[] {
    const value = this.record[field];
    if (!Array.isArray(value)) return this.fail(field, 'a list');
    return value.map((item: unknown, index) => {
      const path = `${this.path}.${field}[${index}]`;
      return parse(new Reader(asRecord(item, path), path));
    });
  }

  texts(field: string): string[] {
    const value = this.record[field];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      return this.fail(field, 'a list of strings');
    }
    return value as string[];
  }

  integers(field: string): number[] {
    const value = this.record[field];
    if (!Array.isArray(value) || !value.every((item) => Number.isSafeInteger(item))) {
      return this.fail(field, 'a list of integers');
    }
    return value as number[];
  }

  /** [[x, y], …] */
  pairs(field: string): [number, number][] {
    const value = this.record[field];
    const isPair = (item: unknown): boolean =>
      Array.isArray(item) && item.length === 2 && item.every((one) => Number.isSafeInteger(one));
    if (!Array.isArray(value) || !value.every(isPair)) return this.fail(field, 'a list of pairs');
    return value as [number, number][];
  }
}
