import { useTranslation } from 'react-i18next';
import { useObservable, useRoom } from '../components/session-context';
import { PeoplePanel } from './people-panel';
import { PollPanel } from './poll-panel';
import { RoundPanel } from './round-panel';
import { SideTabs } from './side-tabs';
import { TalkPanel } from './talk-panel';
import { ToolsPanel } from './tools-panel';

/** What a teacher works with beside the rooms. The talk panel stays mounted: its key works from every tab. */
export function StudioTabs() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { pending } = useObservable(session.talk.view);
  return (
    <SideTabs
      label={t('teach.tabs.title')}
      tabs={[
        { id: 'round', label: t('teach.tabs.round'), icon: 'round', count: 0, content: <RoundPanel /> },
        { id: 'poll', label: t('teach.tabs.poll'), icon: 'chart', count: 0, content: <PollPanel /> },
        { id: 'talk', label: t('teach.tabs.talk'), icon: 'talk', count: pending.length, content: <TalkPanel /> },
        { id: 'tools', label: t('teach.tabs.tools'), icon: 'clock', count: 0, content: <ToolsPanel /> },
        { id: 'people', label: t('teach.tabs.people'), icon: 'people', count: 0, content: <PeoplePanel /> },
      ]}
    />
  );
}
