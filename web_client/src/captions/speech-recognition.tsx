/** Where the server recognises speech: to ask for a draft of captions, and how far that is. Else nothing. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLoadedBy } from '../administration/use-loaded';
import { Fault } from '../components/fault';
import { Icon } from '../components/icons';
import { captions } from '../protocol/captions';
import { codeOf } from '../protocol/errors';
import { languageName } from './cues';

interface Props {
  lesson: string;
  token: string;
  isLocked: boolean;
  onRecognised: () => void;
}

const AGAIN_MS = 2000;

export function SpeechRecognition({ lesson, token, isLocked, onRecognised }: Props) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { value, reload } = useLoadedBy(
    useCallback(() => captions.recognition(token, lesson), [token, lesson]),
    codeOf,
  );
  const job = value?.job ?? null;
  const isUnderWay = job !== null && (job.state === 'pending' || job.state === 'running');
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setTimeout(reload, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isUnderWay, value, reload]);
  const wasUnderWay = useRef(false);
  useEffect(() => {
    if (wasUnderWay.current && job?.state === 'done') onRecognised();
    wasUnderWay.current = isUnderWay;
  }, [isUnderWay, job?.state, onRecognised]);

  async function ask(): Promise<void> {
    setAsking(true);
    setFault(null);
    try {
      await captions.recognise(token, lesson);
      reload();
    } catch (error) {
      setFault(codeOf(error));
    }
    setAsking(false);
  }

  if (value?.is_available !== true) return null;
  const percent = Math.round((job?.progress ?? 0) * 100);
  return (
    <div className="caption-editor__speech" data-testid="recognition" data-state={job?.state ?? 'none'}>
      {isUnderWay ? (
        <label className="caption-editor__job">
          <span>
            {t('captions.recognising', { percent })} {job.step !== '' && <span className="soft">· {t([`captions.step.${job.step}`, `job.step.${job.step}`], { defaultValue: job.step })}</span>}
          </span>
          <progress max={100} value={percent} />
        </label>
      ) : (
        <>
          <button type="button" className="button" disabled={isAsking || isLocked} data-testid="recognise" onClick={() => void ask()}>
            <Icon name="microphone" size={20} />
            {t('captions.recognise', { language: languageName(value.language) })}
          </button>
          <span className="soft">{t('captions.recogniseHint')}</span>
        </>
      )}
      {job?.state === 'failed' && <p role="alert" className="caption-editor__failed">{t([`captions.failed.${job.error ?? ''}`, 'captions.failed.other'])}</p>}
      <Fault code={fault} />
    </div>
  );
}
