/** How the replay was watched: how often, to which share to its end, and which minutes. Sums alone. */
import { useTranslation } from 'react-i18next';
import type { LessonReport } from './report';
import { percentText } from './words';

const HEIGHT = 120;

export function ViewPlot({ replay }: { replay: LessonReport['replay'] }) {
  const { t, i18n } = useTranslation();
  const { views, completed_ratio: ratio, minutes } = replay;
  const most = Math.max(1, ...minutes);
  const busiest = minutes.indexOf(Math.max(...minutes)) + 1;
  return (
    <section className="report__part" aria-labelledby="part-views" data-testid="views">
      <h2 id="part-views">{t('report.views.title')}</h2>
      <p className="plot__words">
        {t('report.views.count', { count: views })}
        {ratio !== null && ` ${t('report.views.completed', { share: percentText(ratio, i18n.language) })}`}
        {minutes.length > 0 && ` ${t('report.views.busiest', { minute: busiest, count: most })}`}
      </p>
      {minutes.length === 0 ? (
        <p className="soft">{t('report.views.few')}</p>
      ) : (
        <figure className="view-plot">
          <svg viewBox={`0 0 ${minutes.length * 10} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('report.views.plot')}>
            {minutes.map((count, minute) => {
              const height = (count / most) * HEIGHT;
              return (
                <rect key={`${minute}`} x={minute * 10 + 1} y={HEIGHT - height} width={8} height={height} className="bar-stage">
                  <title>{t('report.views.minute', { minute: minute + 1, count })}</title>
                </rect>
              );
            })}
          </svg>
          <figcaption>
            <span>{t('report.views.from')}</span>
            <span>{t('report.views.to', { minutes: minutes.length })}</span>
          </figcaption>
        </figure>
      )}
    </section>
  );
}
