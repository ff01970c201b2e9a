import type { ReactNode } from 'react';
import { useId } from 'react';
import { Icon } from './icons';

/** What an input takes so that its hint and its fault are read with it. */
export interface FieldLinks {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface FormFieldProps {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  children: (links: FieldLinks) => ReactNode;
}

/** Label, input, hint, and what is wrong with what was given. */
export function FormField({ label, hint, fault, children }: FormFieldProps) {
  const id = useId();
  const described = [hint === undefined ? null : `${id}-hint`, fault === undefined ? null : `${id}-fault`].filter((each) => each !== null);
  return (
    <div className="field" data-fault={fault !== undefined}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': described.join(' ') || undefined })}
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
      {fault !== undefined && <FieldFault id={`${id}-fault`}>{fault}</FieldFault>}
    </div>
  );
}

export function FieldFault({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="field__fault" role="alert">
      <Icon name="warning" size={18} />
      <span>{children}</span>
    </p>
  );
}
