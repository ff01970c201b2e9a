import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { codeOf } from '../protocol/errors';
import { download } from './report';

interface ReportActionsProps {
  token: string;
  files: { path: string; name: string; label: string }[];
}

/** Print, and take the figures along. */
export function ReportActions({ token, files }: ReportActionsProps) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);

  async function take(path: string, name: string): Promise<void> {
    try {
      await download(path, name, token);
      setFault(null);
    } catch (error) {
      setFault(codeOf(error));
    }
  }

  return (
    <div className="report__actions">
      <button type="button" className="button" onClick={() => window.print()}>
        <Icon name="print" />
        {t('report.print')}
      </button>
      {files.map(({ path, name, label }) => (
        <button key={label} type="button" className="button" data-testid={`download-${label}`} onClick={() => void take(path, name)}>
          <Icon name="download" />
          {label}
        </button>
      ))}
      {fault !== null && (
        <p className="fault" role="alert">
          {t([`error.${fault}`, 'error.internal_error'])}
        </p>
      )}
    </div>
  );
}
