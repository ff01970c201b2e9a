/** Loudness of a voice's track. */

const FLOOR_DB = -60;

/** Root mean square of samples in [-1, 1] -> 0 (silence, -60 dB) to 1 (full scale). */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  const db = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

const PERIOD_MS = 100;
/** Nothing is to be heard of it: without a device to play to, it needs no thread that does (where that is known). */
const UNHEARD = { latencyHint: 'playback', sinkId: { type: 'none' } } as AudioContextOptions;

/** Calls back ten times a second until closed; listens on also while the track itself is silenced. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext(UNHEARD);
  const ear = track.clone();
  ear.enabled = true;
  const source = context.createMediaStreamSource(new MediaStream([ear]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state !== 'running') return; // nothing is measured yet: that is not silence
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, PERIOD_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    ear.stop();
    void context.close();
  };
}
