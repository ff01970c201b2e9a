/** What camera, microphone and loudspeaker of this computer do. Each answers null for what it cannot measure. */
import { echoPercent, makeChirp } from './echo';

const WATCHED_MS = 2_000;
/** The largest window an analyser gives: 0.68 s at 48 kHz, the chirp and an echo up to 0.38 s late. */
const WINDOW = 32_768;

export interface CameraFigures {
  width: number | null;
  height: number | null;
  framesPerSecond: number | null;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts the frames that the camera really brings; what it promises is in its settings. */
export async function measureCamera(camera: MediaStreamTrack | null): Promise<CameraFigures> {
  if (camera === null || camera.readyState === 'ended') return { width: null, height: null, framesPerSecond: null };
  const { width = null, height = null } = camera.getSettings();
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([camera]);
  try {
    await Promise.race([video.play(), wait(WATCHED_MS)]);
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    const startedMs = performance.now();
    await wait(WATCHED_MS);
    const frames = video.getVideoPlaybackQuality().totalVideoFrames - before;
    return { width, height, framesPerSecond: Math.round((frames * 1000) / (performance.now() - startedMs)) };
  } catch {
    return { width, height, framesPerSecond: null };
  } finally {
    video.srcObject = null;
  }
}

/** An ear of its own: the track that is sent may be silent off stage. */
async function listen<T>(microphone: MediaStreamTrack, hear: (analyser: AnalyserNode, context: AudioContext) => Promise<T>): Promise<T | null> {
  const context = new AudioContext();
  const ear = microphone.clone();
  try {
    ear.enabled = true;
    // Without a click or a key before, browsers keep it suspended, and would for ever.
    await Promise.race([context.resume(), wait(500)]);
    if (context.state !== 'running') return null;
    const analyser = context.createAnalyser();
    analyser.fftSize = WINDOW;
    context.createMediaStreamSource(new MediaStream([ear])).connect(analyser);
    return await hear(analyser, context);
  } finally {
    ear.stop();
    void context.close();
  }
}

/** The loudest moment within two seconds, -127 to 0 dBov. */
export async function measureMicrophone(microphone: MediaStreamTrack | null): Promise<number | null> {
  if (microphone === null) return null;
  return listen(microphone, async (analyser) => {
    const samples = new Float32Array(2048);
    let loudest = 0;
    for (const endMs = performance.now() + WATCHED_MS; performance.now() < endMs; await wait(40)) {
      analyser.getFloatTimeDomainData(samples);
      const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
      loudest = Math.max(loudest, Math.sqrt(energy / samples.length));
    }
    return dbov(loudest);
  });
}

export function dbov(rootMeanSquare: number): number {
  return Math.max(-127, Math.min(0, Math.round(20 * Math.log10(Math.max(rootMeanSquare, 1e-7)))));
}

/** Plays the chirp and looks for it. */
export async function measureEcho(microphone: MediaStreamTrack | null): Promise<number | null> {
  if (microphone === null) return null;
  return listen(microphone, async (analyser, context) => {
    const chirp = makeChirp(context.sampleRate);
    const buffer = context.createBuffer(1, chirp.length, context.sampleRate);
    buffer.copyToChannel(chirp, 0);
    const player = context.createBufferSource();
    player.buffer = buffer;
    player.connect(context.destination);
    const ended = new Promise((resolve) => (player.onended = resolve));
    player.start();
    await Promise.race([ended, wait(2_000)]);
    await wait(250);
    const recording = new Float32Array(WINDOW);
    analyser.getFloatTimeDomainData(recording);
    return echoPercent(recording, chirp);
  });
}
