/** Durations as people read them: 7:05, 1:07:05. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** What is left. Rounded: a clock that was read up to a second ago must not show more than was given. */
export function leftText(leftMs: number): string {
  return clockText(Math.round(Math.max(0, leftMs) / 1000) * 1000);
}
