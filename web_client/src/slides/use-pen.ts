import type { PointerEvent } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useRoom } from '../components/session-context';
import type { Slide } from '../protocol/board';
import type { Point, Rect } from './geometry';
import { isOnPage, pieces, thinned, toPage } from './geometry';

export interface Stroke {
  color: string;
  width: number;
  points: readonly Point[];
}

export type Tool = { kind: 'none' } | { kind: 'pointer' } | { kind: 'pen'; color: string; width: number };

/** Closer points than this, in ten-thousandths, are one. */
const NEAR = 12;
/** Below the room's 20 a second. */
const POINTER_INTERVAL_MS = 60;

interface Pen {
  /** Strokes that the room has not told of yet. */
  own: readonly Stroke[];
  handlers: {
    onPointerDown?: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove?: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp?: (event: PointerEvent<HTMLElement>) => void;
    onPointerLeave?: () => void;
  };
}

/** What the hand does over a page: strokes go to the room when they end, the pointer while it moves. */
export function usePen(slide: Slide, rect: Rect, tool: Tool): Pen {
  const { session } = useRoom();
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [sending, setSending] = useState<readonly Stroke[]>([]);
  const pointing = usePointing(tool.kind === 'pointer');
  const placeOf = (event: PointerEvent<HTMLElement>): { x: number; y: number } => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const send = async (stroke: Stroke): Promise<void> => {
    setSending((before) => [...before, stroke]);
    for (const piece of pieces(thinned(stroke.points, NEAR))) {
      if (!(await session.act({ type: 'ink', ...slide, color: stroke.color, width: stroke.width, points: piece }))) break;
    }
    setSending((before) => before.filter((one) => one !== stroke));
  };
  if (tool.kind === 'none') return { own: sending, handlers: {} };
  if (tool.kind === 'pointer') {
    return {
      own: sending,
      handlers: {
        onPointerMove: (event) => {
          const { x, y } = placeOf(event);
          pointing(isOnPage(rect, x, y) ? toPage(rect, x, y) : null);
        },
        onPointerLeave: () => pointing(null),
      },
    };
  }
  const drawn: Stroke = { color: tool.color, width: tool.width, points };
  return {
    own: points.length === 0 ? sending : [...sending, drawn],
    handlers: {
      onPointerDown: (event) => {
        const { x, y } = placeOf(event);
        if (event.button !== 0 || !isOnPage(rect, x, y)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setPoints([toPage(rect, x, y)]);
      },
      onPointerMove: (event) => {
        if (points.length === 0) return;
        const { x, y } = placeOf(event);
        setPoints([...points, toPage(rect, x, y)]);
      },
      onPointerUp: () => {
        if (points.length > 0) void send(drawn);
        setPoints([]);
      },
    },
  };
}

/** Tells where it points, at a bounded pace, the newest place always; nothing once it is put away. */
function usePointing(isOn: boolean): (place: Point | null) => void {
  const { session } = useRoom();
  const state = useRef<{ place: Point | null; timer: ReturnType<typeof setTimeout> | null }>({ place: null, timer: null });
  const tell = useCallback(
    (place: Point | null): void => {
      const now = state.current;
      now.place = place;
      now.timer ??= setTimeout(() => {
        now.timer = null;
        const [x, y] = now.place ?? [null, null];
        session.request({ type: 'pointer', x, y }).catch(() => undefined);
      }, POINTER_INTERVAL_MS);
    },
    [session],
  );
  useEffect(() => {
    if (!isOn) return;
    return () => tell(null);
  }, [isOn, tell]);
  return tell;
}
