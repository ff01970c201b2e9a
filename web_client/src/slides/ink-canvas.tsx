import { useEffect, useRef } from 'react';
import type { Stroke } from './drawing';
import type { Size } from './geometry';
import { fromPage, UNITS } from './geometry';

/** Strokes over a page, as sharp as the screen is. */
export function InkCanvas({ size, strokes }: { size: Size; strokes: readonly Stroke[] }) {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = element.current;
    const context = canvas?.getContext('2d') ?? null;
    if (canvas === null || context === null) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(size.width * ratio));
    canvas.height = Math.max(1, Math.round(size.height * ratio));
    context.scale(ratio, ratio);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const stroke of strokes) draw(context, size, stroke);
  }, [size, strokes]);
  return <canvas ref={element} className="slide__ink" aria-hidden="true" data-testid="ink" data-strokes={strokes.length} />;
}

/** A line through the middles of its points' distances, so that it has no corners. */
function draw(context: CanvasRenderingContext2D, size: Size, { color, width, points }: Stroke): void {
  const [first, ...rest] = points.map((point) => fromPage(size, point));
  if (first === undefined) return;
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, (width / UNITS) * size.width);
  context.beginPath();
  context.moveTo(first[0], first[1]);
  let before = first;
  for (const point of rest) {
    context.quadraticCurveTo(before[0], before[1], (before[0] + point[0]) / 2, (before[1] + point[1]) / 2);
    before = point;
  }
  context.lineTo(before[0], before[1]);
  context.stroke();
}
