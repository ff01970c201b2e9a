/**
 * Echo: a chirp goes out of the loudspeaker, and the microphone is searched for it.
 *
 * A chirp (a tone that rises) is found by correlation however late it comes back, and is unlike speech and hum. What
 * is measured is what the other rooms would hear: the track as it is sent, after the browser's echo canceller.
 */
const CHIRP_S = 0.3;
const FROM_HZ = 400;
const TO_HZ = 2400;
/** Correlating is quadratic: a quarter of the samples still holds the whole chirp. */
const DECIMATION = 4;
/** Quieter than -60 dBov (root mean square): whatever it is, nobody hears it. */
const FLOOR_RMS = 0.001;

/** The sound to play: samples in [-1, 1] with soft ends. */
export function makeChirp(sampleRate: number): Float32Array<ArrayBuffer> {
  const count = Math.round(CHIRP_S * sampleRate);
  const chirp = new Float32Array(count);
  for (let index = 0; index < count; index += 1) {
    const time = index / sampleRate;
    const phase = 2 * Math.PI * (FROM_HZ * time + ((TO_HZ - FROM_HZ) * time * time) / (2 * CHIRP_S));
    chirp[index] = Math.sin(phase) * Math.sin((Math.PI * index) / count);
  }
  return chirp;
}

/** How much of the recording, where the chirp fits best, is the chirp: 0 to 100. */
export function echoPercent(recording: Float32Array, chirp: Float32Array): number {
  const heard = decimated(recording);
  const wanted = decimated(chirp);
  const length = wanted.length;
  const chirpEnergy = energyOf(wanted, 0, length);
  let best = 0;
  let energy = energyOf(heard, 0, length);
  for (let start = 0; start + length <= heard.length; start += 1) {
    if (energy / length > FLOOR_RMS * FLOOR_RMS) {
      best = Math.max(best, Math.abs(product(heard, start, wanted)) / Math.sqrt(energy * chirpEnergy));
    }
    const gone = heard[start] ?? 0;
    const come = heard[start + length] ?? 0;
    energy = Math.max(0, energy + come * come - gone * gone);
  }
  return Math.min(100, Math.round(best * 100));
}

/** Means of four neighbours: a low pass that is good enough below a tenth of the sample rate. */
function decimated(samples: Float32Array): Float32Array {
  const result = new Float32Array(Math.floor(samples.length / DECIMATION));
  for (let index = 0; index < result.length; index += 1) {
    let sum = 0;
    for (let offset = 0; offset < DECIMATION; offset += 1) sum += samples[index * DECIMATION + offset] ?? 0;
    result[index] = sum / DECIMATION;
  }
  return result;
}

function energyOf(samples: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let index = start; index < start + length; index += 1) sum += (samples[index] ?? 0) ** 2;
  return sum;
}

function product(samples: Float32Array, start: number, wanted: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < wanted.length; index += 1) sum += (samples[start + index] ?? 0) * (wanted[index] ?? 0);
  return sum;
}
