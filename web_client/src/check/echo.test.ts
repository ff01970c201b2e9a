import { describe, expect, it } from 'vitest';
import { echoPercent, makeChirp } from './echo';

const RATE = 48_000;
const LENGTH = 32_768;

/** Repeatable noise in [-1, 1]. */
function noise(amplitude: number, seed = 1): Float32Array {
  const samples = new Float32Array(LENGTH);
  let state = seed;
  for (let index = 0; index < LENGTH; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    samples[index] = amplitude * (state / 2 ** 31 - 1);
  }
  return samples;
}

function tone(amplitude: number, hz: number): Float32Array {
  return Float32Array.from({ length: LENGTH }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / RATE));
}

function withEcho(room: Float32Array, gain: number, delayMs: number): Float32Array {
  const mixed = room.slice();
  const chirp = makeChirp(RATE);
  const delay = Math.round((delayMs * RATE) / 1000);
  chirp.forEach((sample, index) => {
    const at = delay + index;
    if (at < mixed.length) mixed[at] = (mixed[at] ?? 0) + gain * sample;
  });
  return mixed;
}

const found = (recording: Float32Array): number => echoPercent(recording, makeChirp(RATE));

describe('echoPercent', () => {
  it('hears nothing in silence', () => {
    expect(found(new Float32Array(LENGTH))).toBe(0);
  });

  it('does not take noise, hum or a held voice for the chirp', () => {
    expect(found(noise(0.1))).toBeLessThanOrEqual(15);
    expect(found(tone(0.3, 50))).toBeLessThanOrEqual(15);
    expect(found(tone(0.3, 1000))).toBeLessThanOrEqual(15);
  });

  it('finds the chirp at any delay and at any loudness', () => {
    for (const delayMs of [0, 7, 120, 350]) {
      for (const gain of [0.5, 0.05, 0.01]) {
        expect(found(withEcho(new Float32Array(LENGTH), gain, delayMs))).toBeGreaterThanOrEqual(99);
      }
    }
  });

  it('finds it upside down: loudspeakers are wired either way', () => {
    expect(found(withEcho(new Float32Array(LENGTH), -0.3, 50))).toBeGreaterThanOrEqual(99);
  });

  it('grows with the echo under the same noise', () => {
    const [faint = 0, middle = 0, strong = 0] = [0.02, 0.05, 0.5].map((gain) => found(withEcho(noise(0.1), gain, 90)));
    expect(faint).toBeLessThan(middle);
    expect(middle).toBeLessThan(strong);
    expect(strong).toBeGreaterThan(90);
  });

  it('lets go what nobody hears', () => {
    expect(found(withEcho(new Float32Array(LENGTH), 0.001, 90))).toBe(0);
  });

  it('knows the chirp at another sample rate', () => {
    const chirp = makeChirp(44_100);
    const recording = new Float32Array(LENGTH);
    recording.set(chirp, 4_000);
    expect(echoPercent(recording, chirp)).toBeGreaterThanOrEqual(99);
  });
});
