import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import type { Resource, Timeline } from '../protocol/rest';
import { ChapterList } from './chapter-list';
import { chapterBeside } from './chapters';
import { PlayerControls, type PlayerLayout } from './player-controls';
import { usePlayerCommands, usePlayerKeys } from './player-commands';
import { ScreenVideo } from './screen-video';
import { useHls } from './use-hls';
import { usePlayback } from './use-playback';
import { useResume } from './use-resume';

interface PlayerProps {
  main: Resource;
  screen: Resource | null;
  timeline: Timeline;
}

export function Player({ main, screen, timeline }: PlayerProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [layout, setLayout] = useState<PlayerLayout>('side_by_side');
  const hls = useHls(video, main.hls_url ?? '', attempt);
  const playback = usePlayback(video);
  const commands = usePlayerCommands(video, frame);
  const { chapters } = timeline;
  const stepChapter = (step: 1 | -1): void => {
    const startMs = chapterBeside(chapters, (video.current?.currentTime ?? 0) * 1000, step);
    if (startMs !== null) commands.seekTo(startMs / 1000);
  };
  usePlayerKeys(commands, stepChapter);
  const hasChapters = chapters.length > 1;
  const resumedAtS = useResume(video, main.id);
  const [hasStarted, setHasStarted] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const start = (): void => setHasStarted(true);
    element.addEventListener('play', start);
    // Begins by itself where the browser permits sound without a click; else the big button stays.
    element.play().catch(() => undefined);
    return () => element.removeEventListener('play', start);
  }, []);

  return (
    <div className="watch__body" data-chapters={hasChapters}>
      <div ref={frame} className="player" data-layout={screen === null ? 'single' : layout} data-playing={playback.isPlaying}>
        <div className="player__pictures">
          {/* The picture is a convenience for the mouse; the play button below serves keyboards and readers. */}
          <video
            ref={video}
            className="player__teacher"
            data-testid="replay-video"
            poster={main.poster_url ?? undefined}
            aria-label={t('watch.teacher')}
            playsInline
            onClick={commands.togglePlay}
          />
          {screen !== null && <ScreenVideo screen={screen} leader={video} leaderStartMs={hls.startDateMs} />}
          {!hasStarted && !hls.isFailed && (
            <button type="button" className="player__begin" aria-label={t('watch.play')} onClick={commands.togglePlay}>
              <Icon name="play" size={48} />
            </button>
          )}
          {playback.isWaiting && !hls.isFailed && (
            <p className="player__waiting" role="status">
              <span className="spinner" aria-hidden="true" />
              {t('watch.buffering')}
            </p>
          )}
          {hls.isFailed && (
            <div className="player__failed" role="alert">
              <Icon name="warning" size={40} />
              <p>{t('watch.playFailed')}</p>
              <button type="button" className="button button--lamp" onClick={() => setAttempt((count) => count + 1)}>
                {t('common.tryAgain')}
              </button>
            </div>
          )}
        </div>
        {resumedAtS !== null && (
          <p className="player__resumed" role="status">
            {t('watch.resumed', { time: clockText(resumedAtS * 1000) })}
            <button type="button" className="button button--quiet button--small" onClick={() => commands.seekTo(0)}>
              {t('watch.fromStart')}
            </button>
          </p>
        )}
        <PlayerControls playback={playback} commands={commands} layout={screen === null ? null : layout} onLayout={setLayout} durationMs={main.duration_ms} chapters={hasChapters ? chapters : []} />
      </div>
      {hasChapters && <ChapterList chapters={chapters} questions={timeline.questions} positionMs={playback.positionS * 1000} onSeek={commands.seekTo} />}
    </div>
  );
}
