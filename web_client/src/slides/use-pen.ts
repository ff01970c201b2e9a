import type { PointerEvent } from 'react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useRoom } from '../components/session-context';
import type { Slide } from '../protocol/board';
import type { Drawing, PageStroke } from './drawing';
import { begun, extended } from './drawing';
import type { Point, Rect } from './geometry';
import { isOnPage, pieces, thinned, toPage } from './geometry';

export type Tool = { kind: 'none' } | { kind: 'pointer' } | { kind: 'pen'; color: string; width: number };

/** Closer points than this, in ten-thousandths, are one. */
const NEAR = 12;
/** Below the room's 20 a second. */
const POINTER_INTERVAL_MS = 60;

interface Handlers {
  onPointerDown?: (event: PointerEvent<HTMLElement>) => void;
  onPointerMove?: (event: PointerEvent<HTMLElement>) => void;
  onPointerUp?: (event: PointerEvent<HTMLElement>) => void;
  onPointerCancel?: (event: PointerEvent<HTMLElement>) => void;
  onPointerLeave?: () => void;
}

interface Pen {
  /** Strokes that the room has not told of yet, each with its page. */
  own: readonly PageStroke[];
  handlers: Handlers;
}

/** What the hand does over a page: strokes go to the room when they end, the pointer while it moves. */
export function usePen(slide: Slide, rect: Rect, tool: Tool): Pen {
  const pointing = usePointing(tool.kind === 'pointer');
  const { drawn, draw } = useDrawing(tool.kind);
  const { sending, send } = useSending();
  const own = useMemo(() => (drawn === null ? sending : [...sending, drawn.stroke]), [sending, drawn]);
  if (tool.kind === 'none') return { own, handlers: {} };
  if (tool.kind === 'pointer') {
    return {
      own,
      handlers: {
        onPointerMove: (event) => {
          const { x, y } = placeOf(event);
          pointing(isOnPage(rect, x, y) ? toPage(rect, x, y) : null);
        },
        onPointerLeave: () => pointing(null),
      },
    };
  }
  return {
    own,
    handlers: {
      onPointerDown: (event) => {
        const { x, y } = placeOf(event);
        if (event.button !== 0 || !isOnPage(rect, x, y)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const stroke = { ...slide, color: tool.color, width: tool.width, points: [toPage(rect, x, y)] };
        draw((before) => begun(before, event.pointerId, stroke));
      },
      onPointerMove: (event) => {
        const { x, y } = placeOf(event);
        draw((before) => extended(before, event.pointerId, slide, toPage(rect, x, y)));
      },
      onPointerUp: (event) => {
        draw((before) => {
          if (before?.pointer !== event.pointerId) return before;
          void send(before.stroke);
          return null;
        });
      },
      onPointerCancel: (event) => draw((before) => (before?.pointer === event.pointerId ? null : before)),
    },
  };
}

function placeOf(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** The stroke under the hand. Whoever changes it sees the newest one; another tool drops it. */
function useDrawing(tool: Tool['kind']): { drawn: Drawing | null; draw: (change: (before: Drawing | null) => Drawing | null) => void } {
  const newest = useRef<Drawing | null>(null);
  const [drawn, setDrawn] = useState<Drawing | null>(null);
  const draw = useCallback((change: (before: Drawing | null) => Drawing | null): void => {
    newest.current = change(newest.current);
    setDrawn(newest.current);
  }, []);
  useEffect(() => () => draw(() => null), [tool, draw]);
  return { drawn, draw };
}

/** Strokes on their way to the room. */
function useSending(): { sending: readonly PageStroke[]; send: (stroke: PageStroke) => Promise<void> } {
  const { session } = useRoom();
  const [sending, setSending] = useState<readonly PageStroke[]>([]);
  const send = async (stroke: PageStroke): Promise<void> => {
    setSending((before) => [...before, stroke]);
    for (const points of pieces(thinned(stroke.points, NEAR))) {
      if (!(await session.act({ type: 'ink', ...stroke, points }))) break;
    }
    setSending((before) => before.filter((one) => one !== stroke));
  };
  return { sending, send };
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
