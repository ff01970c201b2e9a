import type { CaptionSize } from './preferences';
import type { Line } from './use-captions';

/** What is said at this moment, over the lower edge of the picture. */
export function CaptionLines({ lines, positionS, size, language }: { lines: readonly Line[]; positionS: number; size: CaptionSize; language: string }) {
  const said = lines.filter((line) => line.fromS <= positionS && positionS < line.untilS);
  if (said.length === 0) return null;
  return (
    <p className="captions" data-testid="captions" data-size={size} lang={language}>
      {said.map((line) => (
        <span key={`${line.fromS} ${line.text}`}>{line.text}</span>
      ))}
    </p>
  );
}
