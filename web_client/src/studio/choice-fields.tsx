import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { MAX_CHOICES, MAX_LABEL, MIN_CHOICES } from '../protocol/board';

interface ChoiceFieldsProps {
  choices: readonly string[];
  onChange: (choices: string[]) => void;
}

/** Two to eight choices, each with its letter. */
export function ChoiceFields({ choices, onChange }: ChoiceFieldsProps) {
  const { t } = useTranslation();
  const set = (index: number, text: string) => onChange(choices.map((one, at) => (at === index ? text : one)));
  return (
    <fieldset className="choices">
      <legend>{t('teach.choices')}</legend>
      {choices.map((choice, index) => {
        const letter = String.fromCharCode(65 + index);
        return (
          <div key={index} className="choices__row">
            <span aria-hidden="true">{letter}</span>
            <input
              value={choice}
              maxLength={MAX_LABEL}
              aria-label={t('teach.choice', { letter })}
              onChange={(event) => set(index, event.target.value)}
            />
            {choices.length > MIN_CHOICES && (
              <button
                type="button"
                className="button button--quiet button--icon button--small"
                aria-label={t('teach.choiceDrop', { letter })}
                onClick={() => onChange(choices.filter((_, at) => at !== index))}
              >
                <Icon name="close" size={18} />
              </button>
            )}
          </div>
        );
      })}
      <div className="tile-actions">
        {choices.length < MAX_CHOICES && (
          <button type="button" className="button button--small" onClick={() => onChange([...choices, ''])}>
            <Icon name="plus" size={18} />
            {t('teach.choiceAdd')}
          </button>
        )}
        <button type="button" className="button button--small" onClick={() => onChange([t('teach.yes'), t('teach.no')])}>
          {t('teach.yesNo')}
        </button>
      </div>
    </fieldset>
  );
}
