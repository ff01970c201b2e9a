/** How each source is sent: codecs, bit rates, and what gives way when the uplink is short. */
import type { Role, Source } from '../protocol/messages';

export interface SendPlan {
  maxBitrateBps: number;
  maxFramerate: number;
  scaleResolutionDownBy: number;
}

/** 25 frames a second: a sixth fewer than 30 to code, decode and draw on the one PC of every room. */
const MASTER_CAMERA: SendPlan = { maxBitrateBps: 1_800_000, maxFramerate: 25, scaleResolutionDownBy: 1 };
const STAGE_CAMERA: SendPlan = { maxBitrateBps: 1_500_000, maxFramerate: 25, scaleResolutionDownBy: 1 };
/** A wall tile is small and there are many: 320x180 of a 1280x720 camera. */
const WALL_CAMERA: SendPlan = { maxBitrateBps: 180_000, maxFramerate: 12, scaleResolutionDownBy: 4 };
const SCREEN: SendPlan = { maxBitrateBps: 2_500_000, maxFramerate: 15, scaleResolutionDownBy: 1 };

export function videoPlan(source: Source, role: Role, isOnStage: boolean): SendPlan {
  if (source === 'screen') return SCREEN;
  if (role === 'master') return MASTER_CAMERA;
  return isOnStage ? STAGE_CAMERA : WALL_CAMERA;
}

/** What all rooms read, slides and the teacher's board, must stay sharp: frames go first. Other faces may soften. */
export function degradationPreference(source: Source, role: Role): RTCDegradationPreference {
  return source === 'screen' || role === 'master' ? 'maintain-resolution' : 'balanced';
}

export function contentHint(source: Source): string {
  switch (source) {
    case 'screen':
      return 'detail';
    case 'camera':
      return 'motion';
    case 'microphone':
    case 'whisper':
      return 'speech';
    case 'screen_audio':
      return 'music';
  }
}

const PREFERENCE = ['video/h264', 'video/vp8', 'video/vp9', 'video/av1'];

/** H264 first: its segments are cut into the replay without transcoding. The order within a codec is kept. */
export function orderCodecs<T extends { mimeType: string }>(codecs: readonly T[]): T[] {
  const rank = (codec: T): number => {
    const index = PREFERENCE.indexOf(codec.mimeType.toLowerCase());
    return index < 0 ? PREFERENCE.length : index;
  };
  return [...codecs].sort((first, second) => rank(first) - rank(second));
}

export function encodingOf(plan: SendPlan): RTCRtpEncodingParameters {
  return {
    maxBitrate: plan.maxBitrateBps,
    maxFramerate: plan.maxFramerate,
    scaleResolutionDownBy: plan.scaleResolutionDownBy,
  };
}
