interface SegmentsProps<T extends string> {
  legend: string;
  /** Unique on the page: arrow keys go through the inputs of one name. */
  name: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few, all in sight: radio buttons that look like one control. */
export function Segments<T extends string>({ legend, name, options, value, onChange }: SegmentsProps<T>) {
  return (
    <fieldset className="segments">
      <legend>{legend}</legend>
      <div className="segments__row">
        {options.map((option) => (
          <label key={option.value} className="segments__one" data-checked={option.value === value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
