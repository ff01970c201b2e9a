import { CopyButton } from './copy-button';

/** A secret that nobody can read again, large enough to be typed from. */
export function ShownOnce({ secret, hint }: { secret: string; hint: string }) {
  return (
    <div className="secret">
      <output data-testid="secret">{secret}</output>
      <CopyButton text={secret} />
      <p>{hint}</p>
    </div>
  );
}
