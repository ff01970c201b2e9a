import { useTranslation } from 'react-i18next';
import { useRoom } from './session-context';
import { useElapsed } from './use-elapsed';

export function LessonStateChip() {
  const { t } = useTranslation();
  const { room, view } = useRoom();
  const { state, started_at_ms: startedAtMs } = room.lesson;
  if (state === 'live' && startedAtMs !== null) {
    return <Running startedAtMs={startedAtMs} clockOffsetMs={view.clockOffsetMs} />;
  }
  return <span className="chip">{t(`lesson.${state}`)}</span>;
}

function Running({ startedAtMs, clockOffsetMs }: { startedAtMs: number; clockOffsetMs: number }) {
  const { t } = useTranslation();
  const time = useElapsed(startedAtMs, clockOffsetMs);
  return (
    <span className="chip chip--good chip--figures" data-testid="lesson-state" data-state="live">
      <span className="live-dot" aria-hidden="true" />
      {t('lesson.running', { time })}
    </span>
  );
}
