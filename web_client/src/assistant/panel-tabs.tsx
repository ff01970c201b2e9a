import type { KeyboardEvent, ReactNode } from 'react';
import { useId, useRef, useState } from 'react';

export interface PanelTab {
  id: string;
  label: string;
  /** What waits behind it; 0 shows nothing. */
  count: number;
  content: ReactNode;
}

/** Tabs as the ARIA practices have them: one stop for the Tab key, arrows between them. */
export function PanelTabs({ label, tabs }: { label: string; tabs: readonly [PanelTab, ...PanelTab[]] }) {
  const [chosenId, setChosenId] = useState(tabs[0].id);
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const chosen = tabs.find((tab) => tab.id === chosenId) ?? tabs[0];

  function move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (tabs.indexOf(chosen) + step + tabs.length) % tabs.length;
    setChosenId(tabs[next]?.id ?? chosen.id);
    list.current?.querySelectorAll<HTMLButtonElement>('[role=tab]')[next]?.focus();
  }

  return (
    <section className="side-card panel-tabs">
      <div ref={list} className="panel-tabs__list" role="tablist" aria-label={label}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${base}-${tab.id}`}
            data-testid={`tab-${tab.id}`}
            aria-selected={tab === chosen}
            aria-controls={`${base}-panel`}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => setChosenId(tab.id)}
            onKeyDown={move}
          >
            {tab.label}
            {tab.count > 0 && <span className="count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div id={`${base}-panel`} role="tabpanel" aria-labelledby={`${base}-${chosen.id}`} tabIndex={0} className="panel-tabs__panel">
        {chosen.content}
      </div>
    </section>
  );
}
