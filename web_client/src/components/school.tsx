/** All records of a school: a list of kinds at the side, the chosen one as a table. */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { inAddress, keepInAddress } from '../administration/address';
import { may, useCaller } from '../administration/caller';
import type { Directory, KindDescription } from '../administration/kinds';
import { KINDS, referredBy } from '../administration/kinds';
import { useLoaded } from '../administration/use-loaded';
import type { Me } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { RecordTable } from './record-table';

/** The records of a kind and of those that it refers to, as far as the caller may read them. */
async function loadDirectory(token: string, me: Me, description: KindDescription): Promise<Directory> {
  const wanted = [...new Set([description.kind, 'organizations', ...referredBy(description)])].filter((each) => may(me, `${each}:read`));
  const lists = await Promise.all(wanted.map((each) => planning.list(token, each)));
  return Object.fromEntries(wanted.map((each, index) => [each, lists[index] ?? []]));
}

function RecordsOf({ description }: { description: KindDescription }) {
  const { credential, me } = useCaller();
  const { value, fault, reload } = useLoaded(useCallback(() => loadDirectory(credential, me, description), [credential, me, description]));
  return <RecordTable description={description} directory={value} fault={fault} onChanged={reload} />;
}

export function School() {
  const { t } = useTranslation();
  const { me } = useCaller();
  const kinds = KINDS.filter((description) => may(me, description.read));
  const [kind, setKind] = useState(() => inAddress('kind') ?? '');
  const description = kinds.find((each) => each.kind === kind) ?? kinds[0];
  if (description === undefined) return <p className="soft">{t('school.nothing')}</p>;
  return (
    <div className="school">
      <nav className="school__kinds" aria-label={t('school.kinds')}>
        <ul>
          {kinds.map((each) => (
            <li key={each.kind}>
              <button
                type="button"
                aria-current={each.kind === description.kind ? 'true' : undefined}
                data-testid={`kind-${each.kind}`}
                onClick={() => {
                  setKind(each.kind);
                  keepInAddress({ kind: each.kind, record: null });
                }}
              >
                {t(`school.kind.${each.kind}`)}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <RecordsOf key={description.kind} description={description} />
    </div>
  );
}
