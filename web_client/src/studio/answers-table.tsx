import { useTranslation } from 'react-i18next';
import type { Answer, AnswerKind } from '../protocol/board';
import { barsOf } from './tally';
import { TallyBars } from './tally-bars';
import { useSeatName } from './use-seat-name';

interface AnswersProps {
  kind: AnswerKind;
  choices: readonly string[];
  answers: readonly Answer[];
  tally: readonly number[];
  /** Rooms chosen for the stage; absent where none are chosen. */
  chosen?: readonly string[];
  onChoose?: (seat: string) => void;
}

/** The sum of all rooms, then each room, in the order in which they answered. */
export function Answers({ kind, choices, answers, tally, chosen, onChoose }: AnswersProps) {
  const { t } = useTranslation();
  if (answers.length === 0) return <p className="soft">{t('teach.noAnswers')}</p>;
  return (
    <div className="answers" data-testid="answers">
      {kind !== 'text' && (
        <div className="answers__sum">
          <strong>{t('teach.allRooms')}</strong>
          <TallyBars bars={barsOf(kind, choices, tally)} label={t('teach.allRooms')} />
        </div>
      )}
      <ul className="answers__rooms">
        {answers.map((answer) => (
          <AnswerRow key={answer.seat} answer={answer} kind={kind} choices={choices} chosen={chosen} onChoose={onChoose} />
        ))}
      </ul>
    </div>
  );
}

interface AnswerRowProps {
  answer: Answer;
  kind: AnswerKind;
  choices: readonly string[];
  chosen: readonly string[] | undefined;
  onChoose: ((seat: string) => void) | undefined;
}

function AnswerRow({ answer, kind, choices, chosen, onChoose }: AnswerRowProps) {
  const name = useSeatName()(answer.seat);
  const isChosen = chosen?.includes(answer.seat) ?? false;
  return (
    <li className="answers__room">
      {onChoose === undefined ? (
        <strong>{name}</strong>
      ) : (
        <label className="answers__choose">
          <input
            type="checkbox"
            checked={isChosen}
            disabled={!isChosen && (chosen?.length ?? 0) >= 3}
            onChange={() => onChoose(answer.seat)}
          />
          <strong>{name}</strong>
        </label>
      )}
      {answer.text !== null ? (
        <p className="answers__text">{answer.text}</p>
      ) : (
        <TallyBars bars={barsOf(kind, choices, answer.counts)} label={name} />
      )}
    </li>
  );
}
