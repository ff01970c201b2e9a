import { describe, expect, it } from 'vitest';
import { isOpen } from '../protocol/jobs';
import type { Job } from '../protocol/jobs';
import { stillFor } from './use-job';

const job = (progress: number, state: Job['state'] = 'running'): Job => ({
  id: 'job_a',
  kind: 'ladder',
  lesson_id: 'les_a',
  state,
  is_cancelled: false,
  progress,
  step: 'picture',
  error: null,
});

describe('a job', () => {
  it('is looked at often again as soon as it moves', () => {
    expect(stillFor(4, job(0.1), job(0.2))).toBe(0);
    expect(stillFor(4, job(0.1, 'pending'), job(0.1))).toBe(0);
    expect(stillFor(4, null, job(0))).toBe(0);
  });

  it('is looked at ever more seldom while it stands still or cannot be read', () => {
    expect(stillFor(4, job(0.1), job(0.1))).toBe(5);
    expect(stillFor(4, job(0.1), null)).toBe(5);
  });

  it('is open until it has ended', () => {
    expect(['pending', 'running', 'done', 'failed', 'cancelled'].filter((state) => isOpen(job(0, state as Job['state'])))).toEqual([
      'pending',
      'running',
    ]);
  });
});
