import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PathWatch } from './path-watch';

describe('PathWatch', () => {
  const restart = vi.fn();
  const recreate = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    restart.mockReset();
    recreate.mockReset();
  });
  afterEach(() => vi.useRealTimers());

  it('waits two seconds before it restarts ICE', () => {
    const watch = new PathWatch({ restart, recreate });
    watch.handleState('disconnected');
    vi.advanceTimersByTime(1_999);
    expect(restart).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(restart).toHaveBeenCalledOnce();
    expect(recreate).not.toHaveBeenCalled();
  });

  it('does nothing when the path comes back by itself', () => {
    const watch = new PathWatch({ restart, recreate });
    watch.handleState('disconnected');
    watch.handleState('connected');
    vi.advanceTimersByTime(60_000);
    expect(restart).not.toHaveBeenCalled();
  });

  it('makes a new connection when the restart brings nothing', () => {
    const watch = new PathWatch({ restart, recreate });
    watch.handleState('disconnected');
    vi.advanceTimersByTime(2_000);
    watch.handleState('checking');
    watch.handleState('disconnected');
    vi.advanceTimersByTime(8_000);
    expect(restart).toHaveBeenCalledOnce();
    expect(recreate).toHaveBeenCalledOnce();
  });

  it('makes a new connection at once when the path has failed', () => {
    const watch = new PathWatch({ restart, recreate });
    watch.handleState('disconnected');
    watch.handleState('failed');
    vi.advanceTimersByTime(60_000);
    expect(recreate).toHaveBeenCalledOnce();
    expect(restart).not.toHaveBeenCalled();
  });

  it('is silent once closed', () => {
    const watch = new PathWatch({ restart, recreate });
    watch.handleState('disconnected');
    watch.close();
    vi.advanceTimersByTime(60_000);
    expect(restart).not.toHaveBeenCalled();
  });
});
