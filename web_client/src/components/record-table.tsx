/** The records of one kind: searched, made, changed, imported. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { inAddress } from '../administration/address';
import { may, useCaller } from '../administration/caller';
import type { Directory, KindDescription } from '../administration/kinds';
import { isFound, nameOf } from '../administration/kinds';
import { asTree, homeOf } from '../administration/organizations';
import type { PlanningRecord } from '../protocol/planning';
import { Fault, TryAgain } from './fault';
import { Icon } from './icons';
import { ImportDialog } from './import-dialog';
import { RecordActions } from './record-actions';
import { RecordCell, useFieldText } from './record-cell';
import { RecordDialog } from './record-dialog';

/** A longer table is narrowed by its search. */
const MOST_ROWS = 200;

interface RecordTableProps {
  description: KindDescription;
  directory: Directory | null;
  fault: string | null;
  onChanged: () => void;
}

type Open = { what: 'record'; id: string | null } | { what: 'import' } | null;

export function RecordTable({ description, directory, fault, onChanged }: RecordTableProps) {
  const { t } = useTranslation();
  const { me } = useCaller();
  const [wanted, setWanted] = useState(() => inAddress('record'));
  const [words, setWords] = useState('');
  const [open, setOpen] = useState<Open>(null);
  const mayWrite = may(me, description.write);
  const isTree = description.kind === 'organizations';
  const records = directory?.[description.kind] ?? null;
  const placed = records === null ? [] : isTree ? asTree(records) : records.map((record) => ({ record, depth: 0 }));
  const textOf = useFieldText(directory ?? {});
  const columns = description.fields.filter((field) => field.isShown === true);
  const found = placed.filter(({ record }) => (wanted === null ? isFound(columns.map((field) => textOf(field, record)), words.trim()) : record.id === wanted));
  const kind = t(`school.kind.${description.kind}`);
  const organization = homeOf(me, directory?.['organizations'] ?? []);

  return (
    <section className="records" aria-label={kind}>
      <div className="section-head">
        <h1>{kind}</h1>
        {description.table !== undefined && may(me, 'imports:write') && organization !== null && (
          <button type="button" className="button" onClick={() => setOpen({ what: 'import' })} data-testid="import">
            <Icon name="upload" />
            {t('timetable.import')}
          </button>
        )}
        {mayWrite && (
          <button type="button" className="button button--primary" onClick={() => setOpen({ what: 'record', id: null })} disabled={records === null} data-testid="new-record">
            <Icon name="plus" />
            {t('school.new')}
          </button>
        )}
      </div>
      <p className="soft">{t(`school.about.${description.kind}`)}</p>
      <div className="records__search">
        <input type="search" aria-label={t('school.narrow', { kind })} placeholder={t('school.narrow', { kind })} value={words} onChange={(event) => setWords(event.target.value)} data-testid="narrow" />
        {wanted !== null && (
          <button type="button" className="button button--small" onClick={() => setWanted(null)}>
            {t('school.showAll')}
          </button>
        )}
        {records !== null && (
          <span className="soft" role="status">
            {t('school.count', { count: found.length })}
          </span>
        )}
      </div>
      <Fault code={fault}>
        <TryAgain onClick={onChanged} />
      </Fault>
      {records === null && fault === null && <p role="status">{t('common.loading')}</p>}
      {records !== null && found.length === 0 && (
        <div className="empty">
          <strong>{t(records.length === 0 ? 'school.empty' : 'school.noneFound')}</strong>
          {records.length === 0 && mayWrite && <p>{t('school.emptyHint')}</p>}
        </div>
      )}
      {found.length > 0 && (
        <table className="table records__table" data-testid="records">
          <thead>
            <tr>
              {columns.map((field) => (
                <th key={field.name} scope="col">
                  {t(`school.field.${field.name}`)}
                </th>
              ))}
              <th scope="col">{t('school.actions')}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST_ROWS).map(({ record, depth }) => (
              <Row key={record.id} record={record} depth={depth} description={description} textOf={textOf} onOpen={() => setOpen({ what: 'record', id: record.id })} onChanged={onChanged} directory={directory ?? {}} />
            ))}
          </tbody>
        </table>
      )}
      {found.length > MOST_ROWS && <p className="notice">{t('school.tooMany', { count: MOST_ROWS })}</p>}
      {open?.what === 'record' && directory !== null && (
        <RecordDialog
          description={description}
          id={open.id}
          directory={directory}
          organization={organization?.id ?? ''}
          onClose={() => setOpen(null)}
          onChanged={onChanged}
        />
      )}
      {open?.what === 'import' && description.table !== undefined && organization !== null && (
        <ImportDialog table={description.table} organizations={[...(directory?.['organizations'] ?? [])]} organization={organization.id} onClose={() => setOpen(null)} onImported={onChanged} />
      )}
    </section>
  );
}

interface RowProps {
  record: PlanningRecord;
  depth: number;
  description: KindDescription;
  directory: Directory;
  textOf: ReturnType<typeof useFieldText>;
  onOpen: () => void;
  onChanged: () => void;
}

function Row({ record, depth, description, directory, textOf, onOpen, onChanged }: RowProps) {
  const { t } = useTranslation();
  const { me } = useCaller();
  const columns = description.fields.filter((field) => field.isShown === true);
  return (
    <tr data-testid={`record-${record.id}`}>
      {columns.map((field, index) =>
        index === 0 ? (
          <th key={field.name} scope="row" style={{ paddingInlineStart: `calc(var(--space-4) + ${depth * 1.6}rem)` }}>
            {depth > 0 && (
              <span className="records__branch" aria-hidden="true">
                └
              </span>
            )}
            {textOf(field, record)}
          </th>
        ) : (
          <td key={field.name} data-label={t(`school.field.${field.name}`)}>
            <RecordCell field={field} text={textOf(field, record)} />
          </td>
        ),
      )}
      <td className="records__actions">
        <div className="row-actions">
          <RecordActions kind={description.kind} record={record} directory={directory} onChanged={onChanged} />
          {may(me, description.write) && (
            <button type="button" className="button button--small" aria-label={t('school.change', { name: nameOf(record) })} onClick={onOpen}>
              <Icon name={description.isChanged === false ? 'close' : 'edit'} size={18} />
              {t(description.isChanged === false ? 'school.delete' : 'school.edit')}
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}
