/** A line of figures each. On a narrow screen each cell names its column itself. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export type Column<Row> = readonly [key: string, show: (row: Row) => string];

interface FiguresTableProps<Row> {
  caption: string;
  /** The column of names: its key, and what a line is called. */
  names: readonly [key: string, show: (row: Row) => ReactNode];
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  testId?: string;
}

export function FiguresTable<Row>({ caption, names, columns, rows, keyOf, testId }: FiguresTableProps<Row>) {
  const { t } = useTranslation();
  const [nameKey, showName] = names;
  return (
    <table className="figures" data-testid={testId}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {[nameKey, ...columns.map(([key]) => key)].map((key) => (
            <th key={key} scope="col">
              {t(`report.column.${key}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-testid={`figures-${keyOf(row)}`}>
            <th scope="row">{showName(row)}</th>
            {columns.map(([key, show]) => (
              <td key={key} data-figure={key} data-label={t(`report.column.${key}`)}>
                {show(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
