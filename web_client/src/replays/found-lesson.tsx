/** One lesson of a search: what it is about, and where the words stand in it. */
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import type { FoundReplay, ReplayHit } from '../protocol/replay-search';
import { addressOfHit } from './query';

export function FoundLesson({ found }: { found: FoundReplay }) {
  const { t, i18n } = useTranslation();
  const about = [found.subject, found.grade === null ? null : t('replays.gradeOf', { grade: found.grade }), found.edition];
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' });
  const more = found.hit_count - found.hits.length;
  return (
    <li className="card replay-search__lesson" data-testid="found-lesson">
      <h2>
        <a href={addressOfHit(found.resource, null)}>{found.title}</a>
      </h2>
      <p className="replay-search__about">
        {about.map((text) => (text === null || text === '' ? null : <span className="chip" key={text}>{text}</span>))}
        {found.started_at_ms !== null && <span className="soft">{day.format(found.started_at_ms)}</span>}
        <span className="soft">{t('replays.length', { time: clockText(found.duration_ms) })}</span>
        {found.state !== 'published' && (
          <span className="chip chip--warn">
            <Icon name="warning" size={16} />
            {t('replays.unpublished')}
          </span>
        )}
      </p>
      {found.hits.length > 0 && (
        <ul className="replay-search__hits">
          {found.hits.map((hit) => (
            <Hit key={`${hit.kind} ${hit.at_ms} ${hit.parts.map((part) => part.text).join('')}`} resource={found.resource} hit={hit} />
          ))}
        </ul>
      )}
      {more > 0 && <p className="soft">{t('replays.moreHits', { count: more })}</p>}
    </li>
  );
}

function Hit({ resource, hit }: { resource: string; hit: ReplayHit }) {
  const { t } = useTranslation();
  return (
    <li>
      <a className="replay-search__hit" href={addressOfHit(resource, hit)} data-testid="replay-hit">
        <span className="replay-search__at">{clockText(hit.at_ms)}</span>
        <span className="replay-search__kind">{t(`replays.kind.${hit.kind}`)}</span>
        <span className="replay-search__text">
          {hit.parts.map((part, index) => (part.is_match ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>))}
        </span>
      </a>
    </li>
  );
}
