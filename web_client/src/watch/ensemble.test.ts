import { describe, expect, it } from 'vitest';
import type { Part } from './ensemble';
import { chaseRate, Ensemble, HOLD_MS } from './ensemble';

/** An element whose clock the test drives. */
class Film implements Part {
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 4;
  duration = 100;

  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  pass(seconds: number): void {
    if (!this.paused && !this.seeking && this.readyState >= 3) this.currentTime += seconds * this.playbackRate;
  }
}

function play(ensemble: Ensemble, films: readonly Film[], seconds: number, fromMs = 0): number {
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    ensemble.tick(fromMs + ms);
    for (const film of films) film.pass(0.1);
  }
  return fromMs + seconds * 1000;
}

const pair = (): { teacher: Film; screen: Film; ensemble: Ensemble } => {
  const [teacher, screen] = [new Film(), new Film()];
  const ensemble = new Ensemble(() => teacher);
  ensemble.add(screen, true);
  return { teacher, screen, ensemble };
};

describe('the pictures of a lesson', () => {
  it('chase a small difference and jump over a large one', () => {
    expect(chaseRate(0.005, 1)).toBe(1);
    expect(chaseRate(0.08, 1)).toBeCloseTo(1.08);
    expect(chaseRate(-0.3, 2)).toBeCloseTo(1.8);
    const { teacher, screen, ensemble } = pair();
    ensemble.play();
    play(ensemble, [teacher, screen], 1);
    screen.currentTime -= 0.2;
    play(ensemble, [teacher, screen], 5);
    expect(Math.abs(teacher.currentTime - screen.currentTime)).toBeLessThan(0.02);
    teacher.currentTime = 60;
    play(ensemble, [teacher, screen], 1);
    expect(Math.abs(teacher.currentTime - screen.currentTime)).toBeLessThan(0.02);
    expect(ensemble.isPlaying).toBe(true);
  });

  it('keep together at twice the speed', () => {
    const { teacher, screen, ensemble } = pair();
    teacher.playbackRate = 2;
    ensemble.play();
    play(ensemble, [teacher, screen], 3);
    expect(teacher.currentTime).toBeGreaterThan(5);
    expect(Math.abs(teacher.currentTime - screen.currentTime)).toBeLessThan(0.02);
  });

  it('wait for one another, and then no longer', () => {
    const { teacher, screen, ensemble } = pair();
    ensemble.play();
    let atMs = play(ensemble, [teacher, screen], 1);
    screen.readyState = 1;
    atMs = play(ensemble, [teacher, screen], 1, atMs);
    const held = teacher.currentTime;
    expect([teacher.paused, ensemble.isPlaying, ensemble.isWaiting]).toEqual([true, true, true]);
    screen.readyState = 4;
    atMs = play(ensemble, [teacher, screen], 1, atMs);
    expect(teacher.currentTime).toBeGreaterThan(held + 0.5);
    screen.readyState = 1;
    atMs = play(ensemble, [teacher, screen], HOLD_MS / 1000 + 1, atMs);
    expect(teacher.paused).toBe(false);
    screen.readyState = 4;
    play(ensemble, [teacher, screen], 3, atMs);
    expect(Math.abs(teacher.currentTime - screen.currentTime)).toBeLessThan(0.02);
  });

  it('do not wait for one on stage', () => {
    const [teacher, room] = [new Film(), new Film()];
    const ensemble = new Ensemble(() => teacher);
    ensemble.add(room, false);
    room.readyState = 0;
    ensemble.play();
    play(ensemble, [teacher, room], 2);
    expect(teacher.currentTime).toBeGreaterThan(1.5);
  });

  it('stand together, and stop where a picture ends', () => {
    const { teacher, screen, ensemble } = pair();
    teacher.currentTime = 12;
    play(ensemble, [teacher, screen], 1);
    expect([screen.currentTime, screen.paused, teacher.paused]).toEqual([12, true, true]);
    screen.duration = 12.5;
    ensemble.play();
    play(ensemble, [teacher, screen], 2);
    expect(teacher.currentTime).toBeGreaterThan(13);
  });

  it('are paused from elsewhere, but not by their own waiting', () => {
    const { teacher, screen, ensemble } = pair();
    ensemble.play();
    let atMs = play(ensemble, [teacher, screen], 1);
    screen.seeking = true;
    atMs = play(ensemble, [teacher, screen], 0.5, atMs);
    ensemble.leaderPaused();
    expect(ensemble.isPlaying).toBe(true);
    screen.seeking = false;
    play(ensemble, [teacher, screen], 0.5, atMs);
    teacher.pause();
    ensemble.leaderPaused();
    expect([ensemble.isPlaying, screen.paused]).toEqual([false, true]);
  });
});
