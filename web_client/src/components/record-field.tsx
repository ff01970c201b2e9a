/** One input for each type of field. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Directory, FieldDescription } from '../administration/kinds';
import { nameOf } from '../administration/kinds';
import { asTree, indented } from '../administration/organizations';
import type { PlanningRecord } from '../protocol/planning';
import { FormField } from './form-field';

const ZONES = ['Asia/Shanghai', 'Asia/Urumqi', ...Intl.supportedValuesOf('timeZone')];

interface RecordFieldProps {
  field: FieldDescription;
  kind: string;
  record: PlanningRecord | null;
  directory: Directory;
  organization: string;
  fault: string | undefined;
}

export function RecordField({ field, kind, record, directory, organization, fault }: RecordFieldProps) {
  const { t, i18n } = useTranslation();
  const listId = useId();
  const isRequired = field.isRequired === true;
  const before = record?.[field.name];
  const first = String(before ?? '');
  const label = t(`school.field.${field.name}`) + (isRequired || field.type === 'check' ? '' : t('school.optional'));
  const hint = i18n.exists(`school.hint.${field.name}`) ? t(`school.hint.${field.name}`) : undefined;
  if (field.type === 'check') {
    return (
      <label className="check-field">
        <input type="checkbox" name={field.name} defaultChecked={before === true} />
        <span>{label}</span>
      </label>
    );
  }
  return (
    <FormField label={label} hint={hint} fault={fault}>
      {(links) => {
        const shared = { ...links, name: field.name, required: isRequired, 'data-testid': `field-${field.name}` };
        switch (field.type) {
          case 'roles':
            return null;
          case 'text':
            return <input {...shared} maxLength={field.maximum} autoComplete="off" defaultValue={first} />;
          case 'number':
            return <input {...shared} type="number" min={field.from} max={field.to} defaultValue={first} />;
          case 'grades':
            return <input {...shared} pattern="\s*\d{1,2}(\s*[;；,，、\s]\s*\d{1,2})*\s*" autoComplete="off" defaultValue={Array.isArray(before) ? before.join('; ') : ''} />;
          case 'end':
            return <input {...shared} type="date" defaultValue={inDays(365)} min={inDays(1)} max={inDays(399)} />;
          case 'choice':
            return (
              <select {...shared} defaultValue={first === '' ? field.first : first}>
                {field.options.map((option) => (
                  <option key={option} value={option}>
                    {t(`school.choice.${field.name}.${option}`)}
                  </option>
                ))}
              </select>
            );
          case 'zone':
            return (
              <>
                <input {...shared} list={listId} autoComplete="off" defaultValue={first === '' ? 'Asia/Shanghai' : first} />
                <datalist id={listId}>
                  {[...new Set(ZONES)].map((zone) => (
                    <option key={zone} value={zone} />
                  ))}
                </datalist>
              </>
            );
          case 'reference': {
            const records = (directory[field.kind] ?? []).filter((each) => !(field.kind === kind && each.id === record?.id));
            const placed = field.kind === 'organizations' ? asTree(records) : records.map((each) => ({ record: each, depth: 0 }));
            const proposed = first !== '' ? first : record === null && field.name === 'organization_id' ? organization : record === null && field.name === 'parent_id' ? organization : '';
            return (
              <select {...shared} defaultValue={proposed}>
                {(!isRequired || placed.length === 0) && <option value="">{t('school.none')}</option>}
                {first !== '' && !records.some((each) => each.id === first) && <option value={first}>{t('school.unseen')}</option>}
                {placed.map(({ record: each, depth }) => (
                  <option key={each.id} value={each.id}>
                    {indented(nameOf(each), depth)}
                  </option>
                ))}
              </select>
            );
          }
        }
      }}
    </FormField>
  );
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
