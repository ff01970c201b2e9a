import { useTranslation } from 'react-i18next';
import type { Directory, FieldDescription } from '../administration/kinds';
import { nameOf, referred } from '../administration/kinds';
import type { PlanningRecord } from '../protocol/planning';

/** A field's value in words. */
export function useFieldText(directory: Directory): (field: FieldDescription, record: PlanningRecord) => string {
  const { t, i18n } = useTranslation();
  return (field, record) => {
    if (field.type === 'roles') {
      const roles = (directory['role-grants'] ?? []).filter((grant) => grant['user_id'] === record.id).map((grant) => t(`school.choice.role.${String(grant['role'])}`));
      return [...new Set(roles)].join('、');
    }
    const value = record[field.name];
    if (value === null || value === undefined || value === '') return '';
    switch (field.type) {
      case 'check':
        return value === true ? t(`school.check.${field.name}`) : '';
      case 'choice':
        return i18n.exists(`school.choice.${field.name}.${String(value)}`) ? t(`school.choice.${field.name}.${String(value)}`) : String(value);
      case 'grades':
        return (value as number[]).join('、');
      case 'reference': {
        const other = referred(field, value, directory);
        return other === undefined ? t('school.unseen') : nameOf(other);
      }
      case 'end':
        return new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' }).format(Number(value));
      default:
        return String(value);
    }
  };
}

export function RecordCell({ field, text }: { field: FieldDescription; text: string }) {
  if (text === '') return <span className="soft">—</span>;
  if (field.type === 'choice') return <span className="chip">{text}</span>;
  if (field.type === 'check') return <span className="chip chip--warn">{text}</span>;
  return <>{text}</>;
}
