import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { CaptionLines } from './caption-lines';
import { cardAt, turnsAt } from './board';
import { chapterBeside } from './chapters';
import { KeyHelp } from './key-help';
import { PlayerControls } from './player-controls';
import { usePlayerCommands, usePlayerKeys } from './player-commands';
import { PlayerPictures } from './player-pictures';
import { QuestionCard, ShownWork } from './question-card';
import type { BoardKind } from './scene';
import { sceneAt } from './scene';
import { SettingsPanel } from './settings-panel';
import { SidePanel } from './side-panel';
import { useCaptions } from './use-captions';
import { useHls } from './use-hls';
import { usePlayback } from './use-playback';
import { usePreferences } from './use-preferences';
import { useSigned } from './use-signed';
import { startOf, useStart } from './use-start';
import { useStoryboard } from './use-storyboard';
import { useViewSession } from './use-view-session';
import type { Watched } from './use-watched';

interface PlayerProps {
  watched: Watched;
  /** The moment that the link names. */
  momentS: number | null;
}

export function Player({ watched, momentS }: PlayerProps) {
  const { t } = useTranslation();
  const { timeline } = watched;
  const [replay] = useState(watched.replay); // its addresses are renewed by their signatures alone
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [isHelpShown, setIsHelpShown] = useState(false);
  const [chosenBoard, setChosenBoard] = useState<BoardKind | null>(null);
  const [preferences, changePreferences] = usePreferences();
  const signed = useSigned(replay, watched.ask);
  const { playback, ensemble } = usePlayback(video);
  const [start] = useState(() => startOf(replay, momentS));
  const teacher = replay.pictures.find((picture) => picture.kind === 'teacher') ?? replay.pictures[0];
  const isSoundOnly = preferences.saving === 'sound' && replay.sound !== null;
  const fault = useHls(video, {
    url: (isSoundOnly ? replay.sound?.hls_url : teacher?.hls_url) ?? '',
    startS: () => (video.current !== null && video.current.currentTime > 0 ? video.current.currentTime : start.atS),
    isSmallest: preferences.saving !== 'off',
    signed,
    attempt,
  });
  const commands = usePlayerCommands(video, frame, ensemble);
  const { hasBegun, isNoted } = useStart(video, ensemble, start.isResumed);
  useViewSession(video, ensemble, watched);

  const positionMs = playback.positionS * 1000;
  const durationMs = playback.durationS * 1000 || replay.duration_ms;
  const effective = isSoundOnly || preferences.saving !== 'sound' ? preferences : { ...preferences, saving: 'small' as const };
  const scene = sceneAt(replay, timeline, positionMs, effective, chosenBoard);
  const captions = replay.captions.find((one) => one.language === preferences.captions) ?? null;
  const lines = useCaptions(captions, watched.token);
  const tiles = useStoryboard((replay.pictures.find((one) => one.kind === scene.boardKind) ?? teacher)?.storyboard_url ?? null, signed);
  const toggleCaptions = (): void => changePreferences({ captions: captions === null ? (replay.captions[0]?.language ?? null) : null });
  usePlayerKeys(commands, {
    stepChapter: (step) => {
      const startMs = chapterBeside(timeline.chapters, (video.current?.currentTime ?? 0) * 1000, step);
      if (startMs !== null) commands.seekTo(startMs / 1000);
    },
    seekToTenth: (tenth) => commands.seekTo((durationMs * tenth) / 10_000),
    toggleCaptions,
    showHelp: () => setIsHelpShown(true),
  });
  const hasPanel = timeline.chapters.length > 1 || (replay.decks.length > 0 && timeline.pages.length > 0);

  return (
    <div ref={frame} className="player" data-layout={preferences.layout} data-panel={hasPanel} data-playing={playback.isPlaying} data-saving={effective.saving}>
      <PlayerPictures
        {...{ replay, timeline, scene, signed, video, ensemble, playback, fault, positionMs, commands }}
        isSmallest={preferences.saving !== 'off'}
        isBeginShown={!hasBegun && !playback.isPlaying}
        poster={teacher?.poster_url ?? null}
        onAgain={() => setAttempt((count) => count + 1)}
      >
        <ShownWork rooms={turnsAt(timeline.photos, positionMs)} />
        {captions !== null && <CaptionLines lines={lines} positionS={playback.positionS} size={preferences.captionSize} language={captions.language} />}
        {isNoted && (
          <p className="player__resumed" role="status">
            {t('watch.resumed', { time: clockText(start.atS * 1000) })}
            <button type="button" className="button button--small" onClick={() => commands.seekTo(0)}>
              {t('watch.fromStart')}
            </button>
          </p>
        )}
      </PlayerPictures>
      <QuestionCard card={cardAt(timeline.questions, positionMs, durationMs)} />
      <PlayerControls
        {...{ playback, commands, tiles }}
        durationMs={replay.duration_ms}
        chapters={timeline.chapters.length > 1 ? timeline.chapters : []}
        hasCaptions={replay.captions.length === 0 ? null : captions !== null}
        onCaptions={toggleCaptions}
        onHelp={() => setIsHelpShown(true)}
        settings={
          <SettingsPanel
            {...{ replay, preferences, commands }}
            onChange={changePreferences}
            rate={playback.rate}
            hasBoard={scene.boardKind !== null}
            boardKind={scene.hasChoice ? scene.boardKind : null}
            onBoard={setChosenBoard}
            onWindow={document.pictureInPictureEnabled ? () => void video.current?.requestPictureInPicture().catch(() => undefined) : null}
          />
        }
      />
      {hasPanel && <SidePanel timeline={timeline} decks={signed.decks} positionMs={positionMs} onSeek={commands.seekTo} />}
      {isHelpShown && <KeyHelp onClose={() => setIsHelpShown(false)} />}
    </div>
  );
}
