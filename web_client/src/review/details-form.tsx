import { useTranslation } from 'react-i18next';
import { FormField } from '../components/form-field';
import type { Details } from '../protocol/versions';

interface DetailsFormProps {
  details: Details;
  isLocked: boolean;
  onChange: (details: Details) => void;
}

const SHORT = ['subject', 'grade', 'edition', 'syllabus_node', 'language', 'licence'] as const;
const LISTS = ['creators', 'keywords'] as const;

/** What catalogues say of the replay. */
export function DetailsForm({ details, isLocked, onChange }: DetailsFormProps) {
  const { t } = useTranslation();
  return (
    <section className="review__details card" aria-labelledby="review-details">
      <h2 id="review-details">{t('review.details')}</h2>
      <FormField label={t('review.detail.title')}>
        {(links) => <input {...links} value={details.title} maxLength={200} required disabled={isLocked} onChange={(event) => onChange({ ...details, title: event.target.value })} />}
      </FormField>
      <FormField label={t('review.detail.description')}>
        {(links) => (
          <textarea {...links} rows={3} value={details.description} maxLength={2000} disabled={isLocked} onChange={(event) => onChange({ ...details, description: event.target.value })} />
        )}
      </FormField>
      <div className="review__fields">
        {SHORT.map((name) => (
          <FormField key={name} label={t(`review.detail.${name}`)}>
            {(links) => <input {...links} value={details[name]} maxLength={80} disabled={isLocked} onChange={(event) => onChange({ ...details, [name]: event.target.value })} />}
          </FormField>
        ))}
        {LISTS.map((name) => (
          <FormField key={name} label={t(`review.detail.${name}`)}>
            {(links) => (
              <input
                {...links}
                value={details[name].join(t('review.comma'))}
                disabled={isLocked}
                onChange={(event) => onChange({ ...details, [name]: event.target.value.split(/[,，、;；]/).map((word) => word.trimStart()) })}
              />
            )}
          </FormField>
        ))}
      </div>
      <label className="check-field">
        <input type="checkbox" checked={details.is_downloadable} disabled={isLocked} onChange={(event) => onChange({ ...details, is_downloadable: event.target.checked })} />
        <span>{t('review.downloadable')}</span>
      </label>
    </section>
  );
}

/** As the server takes it. */
export function tidy(details: Details): Details {
  const words = (list: readonly string[]): string[] => list.map((word) => word.trim()).filter((word) => word !== '');
  return { ...details, creators: words(details.creators), keywords: words(details.keywords) };
}
