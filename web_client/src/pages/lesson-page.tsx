/** The way into a lesson: join, device check, then the page of the seat's role; and the ways out. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DeviceCheck } from '../components/device-check';
import { EndedView } from '../components/ended-view';
import { Loading } from '../components/loading';
import { MessagePage } from '../components/message-page';
import { SessionContext, useObservable } from '../components/session-context';
import type { DeviceChoice } from '../devices/device-choice';
import { loadChoice, saveChoice } from '../devices/device-choice';
import type { LessonSession } from '../connection/lesson-session';
import type { JoinAnswer } from '../protocol/rest';
import { isKiosk } from './kiosk';
import { RoomPage } from './room-page';
import { useJoin } from './use-join';
import { useLessonSession } from './use-lesson-session';

export function LessonPage({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const join = useJoin(lesson);
  switch (join.status) {
    case 'joining':
      return <Loading text={join.code === null ? t('connection.connecting') : t(`error.${join.code}`)} />;
    case 'refused':
      return <Refused code={join.code} />;
    case 'ended':
      return <EndedView lesson={lesson} isMaster={false} />;
    case 'joined':
      return <JoinedLesson joined={join.answer} joinedAtMs={join.atMs} />;
  }
}

function JoinedLesson({ joined, joinedAtMs }: { joined: JoinAnswer; joinedAtMs: number }) {
  const role = joined.seat.role;
  const needsDevices = role === 'master' || role === 'classroom' || role === 'assistant';
  const [choice, setChoice] = useState<DeviceChoice | null>(() =>
    needsDevices && !isKiosk() ? null : loadChoice(window.localStorage),
  );
  const session = useLessonSession(joined, joinedAtMs, choice);
  if (choice === null) {
    return (
      <DeviceCheck
        joined={joined}
        onEnter={(chosen) => {
          saveChoice(window.localStorage, chosen);
          setChoice(chosen);
        }}
      />
    );
  }
  if (session === null) return <Loading />;
  return <LessonInSession session={session} />;
}

function LessonInSession({ session }: { session: LessonSession }) {
  const { t } = useTranslation();
  const view = useObservable(session.view);
  const { lesson, seat } = session.joined;
  switch (view.phase) {
    case 'entering':
      return <Loading text={t(view.socket === 'lost' ? 'error.unavailable' : 'connection.connecting')} />;
    case 'waiting':
      return <WaitingRoom title={lesson.title} isBigScreen={seat.role === 'classroom'} />;
    case 'refused':
      return <Refused code={view.code ?? 'internal_error'} />;
    case 'replaced':
      return (
        <MessagePage title={t('refused.replacedTitle')}>
          <p>{t('refused.replaced')}</p>
          <ReloadButton label={t('refused.useHere')} />
        </MessagePage>
      );
    case 'left':
      return (
        <MessagePage title={t('refused.leftTitle')}>
          <p>{t('refused.leftBody')}</p>
          <ReloadButton label={t('refused.comeBack')} />
        </MessagePage>
      );
    case 'ended':
      return (
        <EndedView
          lesson={lesson.id}
          isMaster={seat.role === 'master'}
          title={lesson.title}
          policy={view.room?.recording.policy ?? null}
        />
      );
    case 'in_room':
      if (view.room === null) return <Loading />;
      return (
        <SessionContext value={{ session, view, room: view.room }}>
          <RoomPage />
        </SessionContext>
      );
  }
}

function WaitingRoom({ title, isBigScreen }: { title: string; isBigScreen: boolean }) {
  const { t } = useTranslation();
  return (
    <MessagePage title={title} {...(isBigScreen ? { theme: 'board' as const } : {})}>
      <p role="status" data-testid="waiting">
        {t('waiting.body')}
      </p>
      <div className="spinner" aria-hidden="true" />
    </MessagePage>
  );
}

function ReloadButton({ label }: { label: string }) {
  return (
    <button type="button" className="button button--primary button--large" onClick={() => window.location.reload()}>
      {label}
    </button>
  );
}

function Refused({ code }: { code: string }) {
  const { t, i18n } = useTranslation();
  const key = `error.${code}`;
  return (
    <MessagePage title={t('refused.title')}>
      <p role="alert">{t(i18n.exists(key) ? key : 'error.internal_error')}</p>
      <ReloadButton label={t('common.tryAgain')} />
    </MessagePage>
  );
}
