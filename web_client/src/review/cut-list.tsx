import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Range } from './edit';

interface CutListProps {
  cuts: readonly Range[];
  isLocked: boolean;
  onSeek: (positionMs: number) => void;
  onRestore: (range: Range) => void;
}

export function CutList({ cuts, isLocked, onSeek, onRestore }: CutListProps) {
  const { t } = useTranslation();
  if (cuts.length === 0) return <p className="soft">{t('review.noCuts')}</p>;
  return (
    <ul className="review__cuts" aria-label={t('review.cuts')}>
      {cuts.map((range) => {
        const words = t('review.cutRange', { from: clockText(range[0]), until: clockText(range[1]) });
        return (
          <li key={range[0]} className="chip">
            <button type="button" className="review__jump" onClick={() => onSeek(range[0])}>
              {words}
            </button>
            <button type="button" className="button button--quiet button--small" disabled={isLocked} aria-label={t('review.restoreRange', { range: words })} onClick={() => onRestore(range)}>
              {t('review.restore')}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
