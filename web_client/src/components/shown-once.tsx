import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button';

/** A secret that nobody can read again, large enough to be typed from. */
export function ShownOnce({ secret, hint }: { secret: string; hint: string }) {
  const { t } = useTranslation();
  return (
    <div className="secret">
      <output data-testid="secret">{secret}</output>
      <CopyButton text={secret} label={t('school.copy')} />
      <p>{hint}</p>
    </div>
  );
}
