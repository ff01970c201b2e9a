/** `controls` after one event. Pure. */
import type { ControlEvent, Controls } from '../protocol/controls';

export function reduceControls(controls: Controls, event: ControlEvent): Controls {
  switch (event.type) {
    case 'all_forbidden':
      return { ...controls, is_all_forbidden: event.forbidden };
    case 'classroom_blocked': {
      const block = event.block === null ? null : { block: event.block, by: event.by };
      return { ...controls, blocks: withMember(controls.blocks, event.classroom, block) };
    }
    case 'classroom_local':
      return { ...controls, local: toggled(controls.local, event.classroom, event.is_local) };
    case 'admission_changed':
      return { ...controls, admission: event.admission };
    case 'seat_waiting':
      return { ...controls, waiting: [...controls.waiting, event.waiting] };
    case 'seat_waiting_ended':
      return { ...controls, waiting: controls.waiting.filter((one) => one.id !== event.seat) };
    case 'seat_banned':
      return { ...controls, bans: [...controls.bans, event.ban] };
    case 'ban_lifted':
      return { ...controls, bans: controls.bans.filter((ban) => ban.seat !== event.seat) };
    case 'seat_readmitted':
      return controls;
    case 'ability_granted': {
      const held = toggled(controls.grants[event.seat] ?? [], event.ability, event.granted);
      return { ...controls, grants: withMember(controls.grants, event.seat, held.length === 0 ? null : held) };
    }
    case 'policy_changed':
      return { ...controls, denied: toggled(controls.denied, event.ability, !event.allowed) };
    case 'whisper_changed':
      return { ...controls, whispers: withMember(controls.whispers, event.seat, event.to) };
  }
}

/** Grants and whispers end with the seat. */
export function controlsWithoutSeat(controls: Controls, seat: string): Controls {
  const whispers = Object.entries(controls.whispers).filter((ends) => !ends.includes(seat));
  return {
    ...controls,
    grants: withMember(controls.grants, seat, null),
    whispers: Object.fromEntries(whispers),
  };
}

export function withMember<T>(members: Readonly<Record<string, T>>, id: string, value: T | null): Record<string, T> {
  const others = Object.fromEntries(Object.entries(members).filter(([other]) => other !== id));
  return value === null ? others : { ...others, [id]: value };
}

function toggled(items: readonly string[], item: string, isIn: boolean): string[] {
  const others = items.filter((other) => other !== item);
  return isIn ? [...others, item].sort() : others;
}
