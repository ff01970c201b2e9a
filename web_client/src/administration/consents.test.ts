import { expect, it } from 'vitest';
import type { Consent, ConsentKind, Decision } from '../protocol/planning';
import { decisionOf, stepsAfter } from './consents';

const one = (seq: number, kind: ConsentKind, decision: Decision): Consent => ({ seq, kind, decision, student_group_id: 'grp_1', note: '', recorded_by: 'usr_1', at_ms: seq });

it('the newest decision of a kind holds', () => {
  const history = [one(3, 'recording', 'withdrawn'), one(2, 'publication', 'refused'), one(1, 'recording', 'granted')];
  expect(decisionOf(history, 'recording')?.decision).toBe('withdrawn');
  expect(decisionOf([...history].reverse(), 'recording')?.decision).toBe('withdrawn');
  expect(decisionOf(history, 'live_voice')).toBeNull();
});

it.each([
  ['granted', ['withdrawn']],
  ['refused', ['granted']],
  ['withdrawn', ['granted', 'refused']],
  [null, ['granted', 'refused']],
] as const)('after %s comes %j', (held, steps) => {
  expect(stepsAfter(held)).toEqual(steps);
});
