import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Retry } from './retry';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('waits longer each time, and briefly again after a success', () => {
  const action = vi.fn();
  const retry = new Retry(action);
  for (const ms of [250, 500, 1000]) {
    retry.schedule();
    vi.advanceTimersByTime(ms - 1);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
    action.mockReset();
  }
  retry.reset();
  retry.schedule();
  vi.advanceTimersByTime(250);
  expect(action).toHaveBeenCalledOnce();
});

it('does nothing once closed', () => {
  const action = vi.fn();
  const retry = new Retry(action);
  retry.schedule();
  retry.close();
  vi.advanceTimersByTime(10_000);
  expect(action).not.toHaveBeenCalled();
});
