import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConnectionChip } from './connection-chip';
import { Icon, Mark } from './icons';
import { LanguageSwitch } from './language-switch';
import { LessonStateChip } from './lesson-state-chip';
import { RecMark } from './rec-mark';
import { useRoom } from './session-context';

/** The same head on all lesson pages: where am I, is it live, is it recorded, does it reach me. */
export function TopBar({ onFigures, children }: { onFigures: () => void; children?: ReactNode }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  return (
    <header className="top-bar">
      <Mark size={34} />
      <h1 className="top-bar__title">{room.lesson.title}</h1>
      <LessonStateChip />
      <RecMark />
      <ConnectionChip />
      <span className="top-bar__gap" />
      <button type="button" className="button button--quiet button--icon top-bar__figures" aria-label={t('controls.statistics')} title={t('statistics.hint')} onClick={onFigures}>
        <Icon name="chart" />
      </button>
      <LanguageSwitch />
      {children}
    </header>
  );
}
