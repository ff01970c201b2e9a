/** The whole device check of a seat that is in the room: measures in three steps, then tells the room. */
import { livePeers } from '../connection/diagnostics';
import type { LessonSession } from '../connection/lesson-session';
import type { Measures } from '../protocol/links';
import type { ClockReading, ClockSample } from './clock-offset';
import { readClock } from './clock-offset';
import { measureCamera, measureEcho, measureMicrophone } from './devices';
import { qualityOf, readCounts } from './path-quality';
import { measureRate, transferDown, transferUp } from './transfers';

export type CheckStep = 'devices' | 'echo' | 'network';

const QUESTIONS = 5;

export interface CheckOptions {
  session: LessonSession;
  token: () => Promise<string>;
  /** Whether the loudspeaker may be heard: not while a lesson runs. */
  mayPlay: boolean;
  onStep: (step: CheckStep) => void;
}

/** Whether the room took the result. */
export async function runCheck({ session, token, mayPlay, onStep }: CheckOptions): Promise<boolean> {
  const { camera, microphone } = session.media.view.get();
  const before = await readCounts(livePeers());
  onStep('devices');
  const [picture, loudness] = await Promise.all([measureCamera(camera), measureMicrophone(microphone)]);
  onStep('echo');
  const echo = mayPlay ? await measureEcho(microphone) : null;
  onStep('network');
  const clock = await askClock(session);
  const quality = qualityOf(before, await readCounts(livePeers()));
  const rates = await measureRates(session.joined.lesson.id, token);
  const measures: Measures = {
    camera_width: picture.width,
    camera_height: picture.height,
    camera_fps: picture.framesPerSecond,
    microphone_dbov: loudness,
    echo_percent: echo,
    ...rates,
    rtt_ms: quality.rttMs ?? clock?.roundTripMs ?? null,
    loss_down_permille: quality.lossDownPermille,
    loss_up_permille: quality.lossUpPermille,
    clock_offset_ms: clock?.offsetMs ?? null,
  };
  return session.act({ type: 'device_check', ...measures });
}

async function measureRates(lesson: string, token: () => Promise<string>): Promise<Pick<Measures, 'down_bps' | 'up_bps'>> {
  const path = `/api/v1/lessons/${lesson}/probe`;
  try {
    const credential = await token();
    const down_bps = await measureRate((bytes) => transferDown(path, credential, bytes));
    const up_bps = await measureRate((bytes) => transferUp(path, credential, bytes));
    return { down_bps, up_bps };
  } catch {
    return { down_bps: null, up_bps: null };
  }
}

async function askClock(session: LessonSession): Promise<ClockReading | null> {
  const samples: ClockSample[] = [];
  for (let question = 0; question < QUESTIONS; question += 1) {
    const sentMs = Date.now();
    const body = await session.request({ type: 'ping' }).catch(() => null);
    const serverMs = body?.['server_time_ms'];
    if (typeof serverMs === 'number') samples.push({ sentMs, receivedMs: Date.now(), serverMs });
  }
  return readClock(samples);
}
