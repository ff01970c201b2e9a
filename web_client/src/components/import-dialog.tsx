/** A CSV file: a dry run names each line that is wrong; only a file without fault is stored, as a whole. */
import type { ChangeEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Caller } from '../administration/caller';
import { faultOf, useCaller } from '../administration/caller';
import { templateOf } from '../administration/csv';
import { asTree, indented } from '../administration/organizations';
import { RequestError } from '../protocol/errors';
import type { ImportTable, LineProblem, PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { FormField } from './form-field';
import { Icon } from './icons';

interface ImportDialogProps {
  table: ImportTable;
  organizations: PlanningRecord[];
  organization: string;
  onClose: () => void;
  onImported: () => void;
}

type Outcome =
  | { status: 'problems'; problems: LineProblem[] }
  | { status: 'good'; lines: number }
  | { status: 'stored'; lines: number }
  | { status: 'failed'; code: string };

async function send(caller: Caller, table: ImportTable, organization: string, file: File, isDry: boolean): Promise<Outcome> {
  try {
    const answer = await planning.importTable(caller.credential, table, organization, file, isDry);
    if (answer.problems.length > 0) return { status: 'problems', problems: answer.problems };
    return { status: answer.is_stored ? 'stored' : 'good', lines: answer.lines };
  } catch (error) {
    if (error instanceof RequestError && error.code === 'import_refused') {
      return { status: 'problems', problems: (error.members['problems'] ?? []) as LineProblem[] };
    }
    return { status: 'failed', code: faultOf(error, caller) };
  }
}

export function ImportDialog({ table, organizations, organization, onClose, onImported }: ImportDialogProps) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [place, setPlace] = useState(organization);
  const [file, setFile] = useState<File | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function run(given: File, target: string, isDry: boolean): Promise<void> {
    setIsBusy(true);
    const found = await send(caller, table, target, given, isDry);
    setOutcome(found);
    setIsBusy(false);
    if (found.status === 'stored') onImported();
  }

  function choose(event: ChangeEvent<HTMLInputElement>): void {
    const chosen = event.target.files?.[0] ?? null;
    setFile(chosen);
    setOutcome(null);
    if (chosen !== null) void run(chosen, place, true);
  }

  return (
    <Dialog title={t(`importing.title.${table}`)} onClose={onClose} isWide>
      <div className="form">
        <p className="soft">{t('importing.body')}</p>
        <Template table={table} />
        <FormField label={t('importing.place')} hint={table === 'timetable' ? t('importing.placeHint') : undefined}>
          {(links) => (
            <select
              {...links}
              value={place}
              onChange={(event) => {
                setPlace(event.target.value);
                if (file !== null) void run(file, event.target.value, true);
              }}
            >
              {asTree(organizations).map(({ record, depth }) => (
                <option key={record.id} value={record.id}>
                  {indented(String(record['name']), depth)}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label={t('importing.file')} hint={t('importing.fileHint')}>
          {/* Emptied first, so that the same file, corrected, is a change too. */}
          {(links) => (
            <input {...links} type="file" accept=".csv,text/csv" onClick={(event) => (event.currentTarget.value = '')} onChange={choose} data-testid="import-file" />
          )}
        </FormField>
        <div aria-live="polite">
          {isBusy && <p role="status">{t('importing.checking')}</p>}
          {!isBusy && outcome !== null && <OutcomeOf outcome={outcome} />}
        </div>
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose} data-testid="close-import">
            {t(outcome?.status === 'stored' ? 'common.close' : 'common.cancel')}
          </button>
          {outcome?.status !== 'stored' && (
            <button
              type="button"
              className="button button--primary"
              disabled={isBusy || outcome?.status !== 'good'}
              onClick={() => file !== null && void run(file, place, false)}
              data-testid="import-now"
            >
              {outcome?.status === 'good' ? t('importing.confirm', { count: outcome.lines }) : t('importing.confirmNone')}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Template({ table }: { table: ImportTable }) {
  const { t, i18n } = useTranslation();
  const address = `data:text/csv;charset=utf-8,${encodeURIComponent(templateOf(table, i18n.language))}`;
  return (
    <p>
      <a href={address} download={`${table}.csv`}>
        {t('importing.template')}
      </a>
    </p>
  );
}

function OutcomeOf({ outcome }: { outcome: Outcome }) {
  const { t, i18n } = useTranslation();
  switch (outcome.status) {
    case 'failed':
      return <Fault code={outcome.code} />;
    case 'good':
    case 'stored':
      return (
        <p className="notice notice--good" data-testid={`import-${outcome.status}`}>
          <Icon name="check" />
          {t(`importing.${outcome.status}`, { count: outcome.lines })}
        </p>
      );
    case 'problems': {
      const column = (name: string | null): string => (name === null ? t('importing.wholeLine') : i18n.exists(`importing.column.${name}`) ? t(`importing.column.${name}`) : name);
      return (
        <div data-testid="import-problems">
          <p className="fault" role="alert">
            <Icon name="warning" />
            {t('importing.problems', { count: outcome.problems.length })}
          </p>
          <div className="table-frame">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('importing.line')}</th>
                  <th scope="col">{t('importing.columnHead')}</th>
                  <th scope="col">{t('importing.what')}</th>
                </tr>
              </thead>
              <tbody>
                {outcome.problems.map((problem, index) => (
                  <tr key={index}>
                    <td>{problem.line}</td>
                    <td>{column(problem.column)}</td>
                    <td>{reason(problem)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      );
    }
  }

  function reason(problem: LineProblem): string {
    const { reason: code, given, column } = problem;
    const hint = code === 'cell_wrong' && i18n.exists(`importing.hint.${column ?? ''}`) ? t(`importing.hint.${column ?? ''}`) : '';
    if (i18n.exists(`importing.reason.${code}`)) return `${t(`importing.reason.${code}`, { given: given === '' ? t('importing.emptyCell') : given })} ${hint}`.trim();
    return i18n.exists(`error.${code}`) ? t(`error.${code}`) : problem.message;
  }
}
