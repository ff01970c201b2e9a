import { useTranslation } from 'react-i18next';
import type { Replay } from '../protocol/replays';
import type { PlayerCommands } from './player-commands';
import type { CaptionSize, Preferences } from './preferences';
import { CAPTION_SIZES } from './preferences';
import type { Saving } from './saving';
import { SAVINGS, savedMegabytesPerHour } from './saving';
import type { BoardKind } from './scene';
import { SPEEDS } from './speeds';

interface SettingsPanelProps {
  replay: Replay;
  preferences: Preferences;
  onChange: (change: Partial<Preferences>) => void;
  commands: PlayerCommands;
  rate: number;
  hasBoard: boolean;
  /** Null where there is nothing to choose. */
  boardKind: BoardKind | null;
  onBoard: (kind: BoardKind) => void;
  /** Null where the browser cannot. */
  onWindow: (() => void) | null;
}

/** How one likes to watch. */
export function SettingsPanel(props: SettingsPanelProps) {
  const { t } = useTranslation();
  const { replay, preferences, onChange, commands, rate } = props;
  return (
    <div className="settings" role="group" aria-label={t('watch.settings')} data-testid="settings">
      {props.hasBoard && <LayoutChoice {...props} />}
      <label className="settings__row">
        <span>{t('watch.speed')}</span>
        <select value={rate} onChange={(event) => commands.setSpeed(Number(event.target.value))}>
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      {replay.captions.length > 0 && <CaptionChoice {...props} />}
      <fieldset className="settings__data">
        <legend>{t('watch.data')}</legend>
        {SAVINGS.filter((saving) => saving !== 'sound' || replay.sound !== null).map((saving) => (
          <label key={saving}>
            <input type="radio" name="saving" checked={preferences.saving === saving} onChange={() => onChange({ saving })} />
            {t(`watch.saving.${saving}`)} <Saved replay={replay} saving={saving} />
          </label>
        ))}
      </fieldset>
      {replay.downloads.length > 0 && (
        <p className="settings__downloads">
          {replay.downloads.map((download) => (
            <a key={download.url} className="button button--small" href={download.url} download>
              {t(`watch.download.${download.kind}`)} ({Math.max(1, Math.round(download.bytes / 1e6))} MB)
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

function Saved({ replay, saving }: { replay: Replay; saving: Saving }) {
  const { t } = useTranslation();
  const saved = savedMegabytesPerHour(replay.pictures, saving);
  return saved === null ? null : <small>{t('watch.saved', { megabytes: saved })}</small>;
}

function LayoutChoice({ preferences, onChange, boardKind, onBoard, onWindow }: SettingsPanelProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="settings__buttons settings__layout">
        {(['side', 'corner'] as const).map((layout) => (
          <button key={layout} type="button" className="button button--small" aria-pressed={preferences.layout === layout} onClick={() => onChange({ layout })}>
            {t(layout === 'side' ? 'watch.sideBySide' : 'watch.pictureInPicture')}
          </button>
        ))}
      </div>
      <div className="settings__buttons">
        <button type="button" className="button button--small" aria-pressed={preferences.isSwapped} onClick={() => onChange({ isSwapped: !preferences.isSwapped, isTeacherHidden: false })}>
          {t('watch.swap')}
        </button>
        <button type="button" className="button button--small" aria-pressed={preferences.isTeacherHidden} onClick={() => onChange({ isTeacherHidden: !preferences.isTeacherHidden })}>
          {t('watch.hideTeacher')}
        </button>
        {onWindow !== null && (
          <button type="button" className="button button--small" onClick={onWindow}>
            {t('watch.window')}
          </button>
        )}
      </div>
      {boardKind !== null && (
        <div className="settings__buttons">
          {(['slides', 'screen'] as const).map((kind) => (
            <button key={kind} type="button" className="button button--small" aria-pressed={boardKind === kind} onClick={() => onBoard(kind)}>
              {t(`watch.${kind}`)}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

function CaptionChoice({ replay, preferences, onChange }: SettingsPanelProps) {
  const { t } = useTranslation();
  return (
    <>
      <label className="settings__row">
        <span>{t('watch.captions')}</span>
        <select value={preferences.captions ?? ''} onChange={(event) => onChange({ captions: event.target.value === '' ? null : event.target.value })} data-testid="captions-language">
          <option value="">{t('watch.captionsOff')}</option>
          {replay.captions.map((one) => (
            <option key={one.id} value={one.language} lang={one.language}>
              {one.is_automatic ? t('watch.automatic', { label: one.label }) : one.label}
            </option>
          ))}
        </select>
      </label>
      <label className="settings__row">
        <span>{t('watch.captionSize')}</span>
        <select value={preferences.captionSize} onChange={(event) => onChange({ captionSize: event.target.value as CaptionSize })}>
          {CAPTION_SIZES.map((size) => (
            <option key={size} value={size}>
              {t(`watch.size.${size}`)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
