import type { KeyboardEvent, ReactNode } from 'react';
import { useId, useRef, useState } from 'react';
import type { IconName } from '../components/icons';
import { Icon } from '../components/icons';

export interface SideTab {
  id: string;
  label: string;
  icon: IconName;
  /** What waits there, shown beside the name. */
  count: number;
  content: ReactNode;
}

/** Tabs after the ARIA pattern: arrows go between them, Tab goes into the panel. Hidden panels keep what was typed. */
export function SideTabs({ tabs, label }: { tabs: readonly SideTab[]; label: string }) {
  const base = useId();
  const [open, setOpen] = useState(tabs[0]?.id ?? '');
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const at = tabs.findIndex((tab) => tab.id === open);
    const step = steps[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : step === undefined ? null : (at + step + tabs.length) % tabs.length;
    const next = to === null ? undefined : tabs[to];
    if (next === undefined) return;
    event.preventDefault();
    setOpen(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <section className="side-card side-tabs">
      <div className="side-tabs__list" role="tablist" aria-label={label} ref={list}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${base}-${tab.id}`}
            data-tab={tab.id}
            data-testid={`tab-${tab.id}`}
            aria-selected={tab.id === open}
            aria-controls={`${base}-${tab.id}-panel`}
            tabIndex={tab.id === open ? 0 : -1}
            className="side-tabs__tab"
            onClick={() => setOpen(tab.id)}
            onKeyDown={move}
          >
            <Icon name={tab.icon} size={20} />
            {tab.label}
            {tab.count > 0 && <small className="count">{tab.count}</small>}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          role="tabpanel"
          id={`${base}-${tab.id}-panel`}
          aria-labelledby={`${base}-${tab.id}`}
          className="side-tabs__panel"
          hidden={tab.id !== open}
        >
          {tab.content}
        </div>
      ))}
    </section>
  );
}
