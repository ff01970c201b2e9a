/** A file of captions, in a language that is chosen first. */
import type { ChangeEvent } from 'react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Fault } from '../components/fault';
import { Icon } from '../components/icons';
import type { Captions } from '../protocol/captions';
import { captions } from '../protocol/captions';
import { RequestError, codeOf } from '../protocol/errors';

interface Props {
  lesson: string;
  token: string;
  isLocked: boolean;
  onUploaded: (made: Captions) => void;
}

export function CaptionUpload({ lesson, token, isLocked, onUploaded }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [language, setLanguage] = useState('zh-CN');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<{ code: string; line: number | null } | null>(null);

  async function upload(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file === undefined) return;
    setBusy(true);
    try {
      setFault(null);
      onUploaded(await captions.upload(token, lesson, language, file));
    } catch (error) {
      const line = error instanceof RequestError ? error.members['line'] : null;
      setFault({ code: codeOf(error), line: typeof line === 'number' ? line : null });
    }
    setBusy(false);
  }

  return (
    <div className="caption-editor__upload">
      <label className="field">
        <span>{t('captions.uploadLanguage')}</span>
        <select value={language} onChange={(event) => setLanguage(event.target.value)}>
          <option value="zh-CN">中文</option>
          <option value="en">English</option>
        </select>
      </label>
      <input ref={input} type="file" accept=".vtt,.srt,text/vtt" hidden data-testid="captions-file" onChange={(event) => void upload(event)} />
      <button type="button" className="button" disabled={isBusy || isLocked} onClick={() => input.current?.click()}>
        <Icon name="upload" size={20} />
        {t('captions.upload')}
      </button>
      {fault !== null && <Fault code={fault.code}>{fault.line !== null && <strong>{t('captions.line', { line: fault.line })}</strong>}</Fault>}
    </div>
  );
}
