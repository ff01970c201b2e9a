import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import type { Slide } from '../protocol/board';
import type { Tool } from './use-pen';

const COLORS = [
  { id: 'red', value: '#c8321f' },
  { id: 'blue', value: '#1b62c4' },
  { id: 'green', value: '#1f7a4d' },
  { id: 'black', value: '#1b1b1b' },
  { id: 'yellow', value: '#f2b84b' },
] as const;
const WIDTHS = [
  { id: 'fine', value: 25 },
  { id: 'medium', value: 50 },
  { id: 'broad', value: 110 },
] as const;

interface ToolBarProps {
  slide: Slide;
  tool: Tool;
  onTool: (tool: Tool) => void;
}

/** Pointer, pens, clearing the page, and hiding the slides. */
export function ToolBar({ slide, tool, onTool }: ToolBarProps) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const pen = tool.kind === 'pen' ? tool : null;
  const hasInk = room.board.ink.some((ink) => ink.deck === slide.deck && ink.page === slide.page);
  const take = (next: Tool): void => onTool(next);
  return (
    <div className="tool-bar" role="toolbar" aria-label={t('slides.tools')}>
      <button
        type="button"
        className="button button--small"
        aria-pressed={tool.kind === 'pointer'}
        data-testid="tool-pointer"
        onClick={() => take(tool.kind === 'pointer' ? { kind: 'none' } : { kind: 'pointer' })}
      >
        <Icon name="pointer" size={20} />
        {t('slides.pointer')}
      </button>
      <span className="tool-bar__pens" role="group" aria-label={t('slides.pen')}>
        {COLORS.map(({ id, value }) => (
          <button
            key={id}
            type="button"
            className="pen"
            style={{ '--pen': value } as React.CSSProperties}
            aria-pressed={pen?.color === value}
            aria-label={t('slides.penOf', { color: t(`slides.color.${id}`) })}
            title={t('slides.penOf', { color: t(`slides.color.${id}`) })}
            data-testid={`pen-${id}`}
            onClick={() => take(pen?.color === value ? { kind: 'none' } : { kind: 'pen', color: value, width: pen?.width ?? WIDTHS[1].value })}
          />
        ))}
      </span>
      <label className="tool-bar__width">
        <span className="visually-hidden">{t('slides.width')}</span>
        <select
          value={pen?.width ?? WIDTHS[1].value}
          disabled={pen === null}
          onChange={(event) => pen !== null && take({ ...pen, width: Number(event.target.value) })}
        >
          {WIDTHS.map(({ id, value }) => (
            <option key={id} value={value}>
              {t(`slides.widthOf.${id}`)}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button button--small"
        disabled={!hasInk}
        data-testid="clear-ink"
        onClick={() => void session.act({ type: 'ink_clear', ...slide })}
      >
        {t('slides.clear')}
      </button>
      <button type="button" className="button button--small" data-testid="hide-slide" onClick={() => void session.act({ type: 'slide', deck: null })}>
        {t('slides.hide')}
      </button>
    </div>
  );
}
