/** What is seen where at a moment. Pure. */
import type { Slide } from '../protocol/board';
import type { Picture, Replay } from '../protocol/replays';
import type { Timeline, Turn } from '../protocol/rest';
import { slideAt, turnsAt } from './board';
import type { Preferences } from './preferences';

export type Place = 'big' | 'small' | 'hidden';
export type BoardKind = 'slides' | 'screen';

export interface Scene {
  teacher: Place;
  board: Place;
  boardKind: BoardKind | null;
  slide: Slide | null;
  /** It plays, seen or about to be. */
  screen: Picture | null;
  stage: readonly { picture: Picture; turn: Turn; isSeen: boolean }[];
  /** There is both, so that one can choose. */
  hasChoice: boolean;
}

/** Pictures that come are loaded so much before they are seen. */
const AHEAD_MS = 10_000;

export function sceneAt(replay: Replay, timeline: Timeline, positionMs: number, preferences: Preferences, chosen: BoardKind | null): Scene {
  const slide = replay.decks.length === 0 ? null : slideAt(timeline, positionMs);
  const whole = replay.pictures.find((picture) => picture.kind === 'screen') ?? null;
  const isSpared = preferences.saving === 'sound' || (preferences.saving === 'small' && whole?.renditions.length === 0 && slide !== null);
  const isShared = (aheadMs: number): boolean => timeline.screens.length === 0 || turnsAt(timeline.screens, positionMs, aheadMs).length > 0;
  const screen = whole !== null && !isSpared && isShared(AHEAD_MS) ? whole : null;
  const hasScreen = screen !== null && isShared(0);
  const hasChoice = hasScreen && slide !== null;
  let boardKind: BoardKind | null = hasScreen ? 'screen' : slide !== null ? 'slides' : null;
  if (hasChoice && chosen !== null) boardKind = chosen;
  const places = placesOf(boardKind !== null, preferences);
  const stage = preferences.saving === 'sound' ? [] : stageAt(replay, timeline, positionMs);
  return { ...places, boardKind, slide, screen, stage, hasChoice };
}

function placesOf(hasBoard: boolean, { isSwapped, isTeacherHidden, saving }: Preferences): { teacher: Place; board: Place } {
  if (!hasBoard) return { teacher: 'big', board: 'hidden' };
  if (isTeacherHidden || saving === 'sound') return { teacher: 'hidden', board: 'big' };
  return isSwapped ? { teacher: 'big', board: 'small' } : { teacher: 'small', board: 'big' };
}

function stageAt(replay: Replay, timeline: Timeline, positionMs: number): Scene['stage'] {
  return turnsAt(timeline.stage, positionMs, AHEAD_MS).flatMap((turn) => {
    const picture = replay.pictures.find((one) => one.kind === 'stage' && one.seat === turn.seat);
    return picture === undefined ? [] : [{ picture, turn, isSeen: turn.at_ms <= positionMs }];
  });
}
