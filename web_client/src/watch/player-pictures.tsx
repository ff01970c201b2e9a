import type { ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import type { Replay } from '../protocol/replays';
import type { Timeline } from '../protocol/rest';
import type { Ensemble } from './ensemble';
import { FollowerVideo } from './follower-video';
import type { PlayerCommands } from './player-commands';
import type { Place, Scene } from './scene';
import { SlideBoard } from './slide-board';
import type { HlsFault } from './use-hls';
import type { Playback } from './use-playback';
import type { Signed } from './use-signed';
import { useTaps } from './use-start';

interface PlayerPicturesProps {
  replay: Replay;
  timeline: Timeline;
  scene: Scene;
  signed: Signed;
  video: RefObject<HTMLVideoElement | null>;
  ensemble: Ensemble;
  playback: Playback;
  fault: HlsFault;
  positionMs: number;
  commands: PlayerCommands;
  isSmallest: boolean;
  isBeginShown: boolean;
  poster: string | null;
  onAgain: () => void;
  /** What lies over the large picture. */
  children: ReactNode;
}

/** The pictures in their places, and what is said over the large one. */
export function PlayerPictures(props: PlayerPicturesProps) {
  const { t } = useTranslation();
  const { replay, timeline, scene, signed, video, ensemble, positionMs, commands, isSmallest } = props;
  const small = ['teacher', 'board'].filter((pane) => scene[pane as 'teacher' | 'board'] === 'small').length;
  const tap = useTaps(commands.togglePlay, commands.seekBy);
  const held = { leader: video, ensemble, signed, isSmallest };
  return (
    <>
      <Pane name="teacher" place={scene.teacher} index={0} onTap={tap}>
        <video ref={video} className="pane__video" data-testid="replay-video" poster={props.poster ?? undefined} aria-label={t('watch.teacher')} playsInline />
        {props.scene.teacher === 'big' && scene.boardKind === null && replay.sound !== null && isSmallest && <SoundOnly video={video} />}
      </Pane>
      <Pane name="board" place={scene.board} index={0} onTap={tap}>
        {scene.boardKind === 'slides' && scene.slide !== null && <SlideBoard timeline={timeline} slide={scene.slide} positionMs={positionMs} signed={signed} />}
        {scene.screen !== null && (
          <div className="pane__screen" hidden={scene.boardKind !== 'screen'}>
            <FollowerVideo key={scene.screen.resource} picture={scene.screen} {...held} isEssential={scene.boardKind === 'screen'} isHeard={replay.version === null} label={t('watch.screen')} />
          </div>
        )}
      </Pane>
      {scene.stage.map(({ picture, turn, isSeen }, index) => (
        <Pane key={picture.resource} name="stage" place={isSeen ? 'small' : 'hidden'} index={small + index} label={turn.name || t('watch.stage')} onTap={tap}>
          <FollowerVideo picture={picture} {...held} isEssential={false} isHeard={replay.version === null && isSeen} label={turn.name || t('watch.stage')} />
        </Pane>
      ))}
      <div className="player__over">
        {props.children}
        {props.isBeginShown && props.fault === null && (
          <button type="button" className="player__begin" aria-label={t('watch.play')} onClick={commands.togglePlay}>
            <Icon name="play" size={48} />
          </button>
        )}
        <Faults {...props} />
      </div>
    </>
  );
}

interface PaneProps {
  name: 'teacher' | 'board' | 'stage';
  place: Place;
  /** Which of the small ones it is. */
  index: number;
  label?: string;
  onTap: (event: React.MouseEvent) => void;
  children: ReactNode;
}

function Pane({ name, place, index, label, onTap, children }: PaneProps) {
  return (
    // A convenience for mouse and finger; the play button below serves keyboards and readers.
    <div role="presentation" className="pane" data-pane={name} data-place={place} style={{ '--index': index } as React.CSSProperties} onClick={onTap}>
      {children}
      {label !== undefined && <span className="pane__label">{label}</span>}
    </div>
  );
}

/** In place of a picture that one has done without. */
function SoundOnly({ video }: { video: RefObject<HTMLVideoElement | null> }) {
  const { t } = useTranslation();
  return video.current !== null && video.current.videoWidth > 0 ? null : (
    <p className="pane__sound">
      <Icon name="sound" size={48} />
      {t('watch.saving.sound')}
    </p>
  );
}

function Faults({ fault, playback, onAgain }: PlayerPicturesProps) {
  const { t } = useTranslation();
  if (fault === 'broken') {
    return (
      <div className="player__failed" role="alert">
        <Icon name="warning" size={40} />
        <p>{t('watch.playFailed')}</p>
        <button type="button" className="button button--lamp" onClick={onAgain}>
          {t('common.tryAgain')}
        </button>
      </div>
    );
  }
  if (fault === 'offline') {
    return (
      <p className="player__waiting" role="status">
        <Icon name="warning" size={32} />
        {t('watch.offline')}
      </p>
    );
  }
  return playback.isWaiting ? (
    <p className="player__waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      {t('watch.buffering')}
    </p>
  ) : null;
}
