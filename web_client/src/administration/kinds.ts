/**
 * What a school's records are made of, as data: one table and one dialog show and change them all. Pure.
 *
 * A new kind is a new entry here and its words in i18n (`school.kind.…`, `school.field.…`, `school.choice.…`).
 */
import type { Draft, ImportTable, PlanningRecord } from '../protocol/planning';

interface Described {
  name: string;
  isRequired?: boolean;
  /** Stands in the table, not only in the dialog. */
  isShown?: boolean;
}

export type FieldDescription = Described &
  (
    | { type: 'text'; maximum: number }
    | { type: 'number'; from: number; to: number }
    | { type: 'grades' }
    | { type: 'choice'; options: readonly string[]; first?: string }
    | { type: 'check' }
    | { type: 'reference'; kind: string }
    | { type: 'zone' }
    | { type: 'end' }
    | { type: 'roles' }
  );

export interface KindDescription {
  kind: string;
  read: string;
  write: string;
  fields: readonly FieldDescription[];
  /** False: records are made and deleted, and never changed. */
  isChanged?: boolean;
  table?: ImportTable;
}

const ORGANIZATION: FieldDescription = { name: 'organization_id', type: 'reference', kind: 'organizations', isRequired: true, isShown: true };

function text(name: string, maximum: number, isRequired = true, isShown = true): FieldDescription {
  return { name, type: 'text', maximum, isRequired, isShown };
}

export const ROLES_GRANTED = ['admin', 'editor', 'master', 'assistant', 'observer'] as const;

export const KINDS: readonly KindDescription[] = [
  {
    kind: 'organizations',
    read: 'organizations:read',
    write: 'organizations:write',
    fields: [
      text('name', 200),
      { name: 'kind', type: 'choice', options: ['region', 'school', 'teaching_point', 'studio'], first: 'school', isRequired: true, isShown: true },
      { name: 'parent_id', type: 'reference', kind: 'organizations' },
      { name: 'time_zone', type: 'zone', isRequired: true, isShown: true },
    ],
  },
  {
    kind: 'users',
    read: 'users:read',
    write: 'users:write',
    table: 'users',
    fields: [
      text('name', 80),
      text('login', 120),
      ORGANIZATION,
      { name: 'roles', type: 'roles', isShown: true },
      { name: 'language', type: 'choice', options: ['zh-CN', 'en'], first: 'zh-CN', isRequired: true },
      { name: 'is_disabled', type: 'check', isShown: true },
    ],
  },
  {
    kind: 'student-groups',
    read: 'student-groups:read',
    write: 'student-groups:write',
    table: 'student-groups',
    fields: [
      text('name', 80),
      ORGANIZATION,
      { name: 'grade_levels', type: 'grades', isRequired: true, isShown: true },
      { name: 'size', type: 'number', from: 0, to: 2000, isRequired: true, isShown: true },
    ],
  },
  {
    kind: 'endpoints',
    read: 'endpoints:read',
    write: 'endpoints:write',
    fields: [text('name', 80), text('room', 80, false), ORGANIZATION],
  },
  {
    kind: 'pairings',
    read: 'pairings:read',
    write: 'pairings:write',
    fields: [
      text('name', 80),
      { name: 'student_group_id', type: 'reference', kind: 'student-groups', isRequired: true, isShown: true },
      { name: 'endpoint_id', type: 'reference', kind: 'endpoints', isShown: true },
      { name: 'assistant_id', type: 'reference', kind: 'users', isShown: true },
      ORGANIZATION,
    ],
  },
  {
    kind: 'courses',
    read: 'courses:read',
    write: 'courses:write',
    fields: [
      text('title', 200),
      text('subject', 80),
      { name: 'grade', type: 'number', from: 0, to: 13, isRequired: true, isShown: true },
      text('edition', 80),
      ORGANIZATION,
    ],
  },
  {
    kind: 'units',
    read: 'units:read',
    write: 'units:write',
    fields: [
      text('title', 200),
      { name: 'course_id', type: 'reference', kind: 'courses', isRequired: true, isShown: true },
      text('node', 40, false),
      { name: 'week', type: 'number', from: 1, to: 60, isShown: true },
    ],
  },
  {
    kind: 'api-keys',
    read: 'api-keys:read',
    write: 'api-keys:write',
    isChanged: false,
    fields: [
      text('name', 80),
      { name: 'role', type: 'choice', options: ROLES_GRANTED, first: 'observer', isRequired: true, isShown: true },
      ORGANIZATION,
      { name: 'expires_at_ms', type: 'end', isRequired: true, isShown: true },
    ],
  },
];

/** Records by kind, for what refers to them. */
export type Directory = Readonly<Record<string, readonly PlanningRecord[]>>;

export function nameOf(record: PlanningRecord): string {
  return String(record['name'] ?? record['title'] ?? record.id);
}

/** The kinds that a kind refers to. */
export function referredBy({ fields }: KindDescription): string[] {
  return [...new Set(fields.flatMap((field) => (field.type === 'reference' ? [field.kind] : field.type === 'roles' ? ['role-grants'] : [])))];
}

export function referred(field: FieldDescription, value: unknown, directory: Directory): PlanningRecord | undefined {
  return field.type === 'reference' ? directory[field.kind]?.find((record) => record.id === value) : undefined;
}

/** A form's text as the value that the server takes; null where nothing was given. */
export function valueOf(field: FieldDescription, given: FormDataEntryValue | null): unknown {
  const words = typeof given === 'string' ? given.trim() : '';
  switch (field.type) {
    case 'check':
      return given !== null;
    case 'grades':
      return [...new Set(words.split(/[;；,，、\s]+/).filter(Boolean).map(Number))];
    case 'number':
      return words === '' ? null : Number(words);
    case 'end':
      // To the end of that day on this computer's clock.
      return words === '' ? null : Date.parse(`${words}T23:59:59`);
    case 'text':
      return words;
    default:
      return words === '' ? null : words;
  }
}

/** Roles are records of their own, which the table shows beside their user. */
export function isGiven(field: FieldDescription): boolean {
  return field.type !== 'roles';
}

export function draftOf({ fields }: KindDescription, form: FormData): Draft {
  return Object.fromEntries(fields.filter(isGiven).map((field) => [field.name, valueOf(field, form.get(field.name))]));
}

/** Whether all words stand somewhere in what the table shows. */
export function isFound(texts: readonly string[], words: string): boolean {
  const all = texts.join('\n').normalize('NFKC').toLowerCase();
  return words
    .normalize('NFKC')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
