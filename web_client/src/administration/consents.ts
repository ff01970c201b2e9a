/** What a student group has decided: the newest of a kind holds, and none means no. Pure. */
import type { Consent, ConsentKind, Decision } from '../protocol/planning';

/** `history` is newest first, as the server lists it. */
export function decisionOf(history: readonly Consent[], kind: ConsentKind): Consent | null {
  return history.reduce<Consent | null>((newest, each) => (each.kind === kind && (newest === null || each.seq > newest.seq) ? each : newest), null);
}

/** What can be decided next: what was granted is withdrawn, what was not is granted or refused. */
export function stepsAfter(held: Decision | null): Decision[] {
  if (held === 'granted') return ['withdrawn'];
  if (held === 'refused') return ['granted'];
  return ['granted', 'refused'];
}
