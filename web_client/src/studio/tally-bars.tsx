import { useTranslation } from 'react-i18next';
import type { Bar } from './tally';
import { percentOf, ratioOf } from './tally';

/** Bars with their figures beside them: the figure is the meaning, the bar its picture. */
export function TallyBars({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const { t } = useTranslation();
  return (
    <ul className="bars" aria-label={label}>
      {bars.map((bar, index) => (
        <li key={index} className="bars__row">
          {bar.label !== '' && <span className="bars__label">{bar.label}</span>}
          <span className="bars__track" aria-hidden="true">
            <span className="bars__fill" style={{ inlineSize: `${ratioOf(bar) * 100}%` }} />
          </span>
          <span className="bars__figure">{t('teach.barFigure', { value: bar.value, of: bar.of, percent: percentOf(bar) })}</span>
        </li>
      ))}
    </ul>
  );
}
