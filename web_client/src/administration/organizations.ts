/** The tree of organizations as a list one can read: each below its parent, with its depth. Pure. */
import type { Me, PlanningRecord } from '../protocol/planning';

export interface Placed {
  record: PlanningRecord;
  depth: number;
}

export function asTree(records: readonly PlanningRecord[]): Placed[] {
  const known = new Set(records.map((record) => record.id));
  const below = new Map<string, PlanningRecord[]>();
  const roots: PlanningRecord[] = [];
  for (const record of records) {
    const parent = record['parent_id'];
    if (typeof parent === 'string' && known.has(parent)) below.set(parent, [...(below.get(parent) ?? []), record]);
    else roots.push(record);
  }
  const placed: Placed[] = [];
  const visit = (record: PlanningRecord, depth: number): void => {
    placed.push({ record, depth });
    for (const child of below.get(record.id) ?? []) visit(child, depth + 1);
  };
  for (const root of roots) visit(root, 0);
  return placed;
}

/** The organization that a page begins with: where the first role holds, else the first of all. */
export function homeOf(me: Me, records: readonly PlanningRecord[]): PlanningRecord | null {
  const own = me.roles[0]?.path.split('/').filter(Boolean).at(-1);
  return records.find((record) => record.id === own) ?? asTree(records)[0]?.record ?? null;
}

/** Names in a select, indented by their depth with spaces that a browser keeps. */
export function indented(name: string, depth: number): string {
  return '\u3000'.repeat(depth) + name;
}
