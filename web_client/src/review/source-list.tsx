import { useTranslation } from 'react-i18next';
import type { Resource } from '../protocol/rest';

interface SourceListProps {
  sources: readonly Resource[];
  without: readonly string[];
  isLocked: boolean;
  onChange: (without: string[]) => void;
}

/** What the replay is made of; a source that is dropped is neither seen nor heard in it. */
export function SourceList({ sources, without, isLocked, onChange }: SourceListProps) {
  const { t } = useTranslation();
  const stages = sources.filter((one) => one.kind === 'stage');
  return (
    <fieldset className="review__sources">
      <legend>{t('review.sources')}</legend>
      {sources.map((one) => {
        const number = one.kind === 'stage' && stages.length > 1 ? ` ${stages.indexOf(one) + 1}` : '';
        return (
          <label key={one.id} className="check-field">
            <input
              type="checkbox"
              checked={!without.includes(one.id)}
              disabled={isLocked || one.state !== 'ready'}
              onChange={(event) => onChange(event.target.checked ? without.filter((id) => id !== one.id) : [...without, one.id])}
            />
            <span>
              {t(`schedule.kind.${one.kind}`)}
              {number}
              {one.state !== 'ready' && <span className="soft"> · {t(`review.sourceState.${one.state}`, { defaultValue: one.state })}</span>}
            </span>
          </label>
        );
      })}
      <p className="soft">{t('review.sourcesHint')}</p>
    </fieldset>
  );
}
