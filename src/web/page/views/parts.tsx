/** Small parts that several sections share. */
import type { ComponentChildren, JSX } from 'preact';
import type { RequestProblem } from '../../../client/problem.ts';
import type { Severity } from '../../../client/types.ts';
import type { StateClass } from '../../model/link-state.ts';

/** A shape for a state: a disc, half a disc, a cross, a ring, a dot. Never alone: the word stands beside it. */
export function Mark({ state }: { readonly state: StateClass }): JSX.Element {
  return (
    <svg class={`mark ${state}`} viewBox="0 0 12 12" aria-hidden="true">
      {markShapes[state]}
    </svg>
  );
}

const markShapes: Readonly<Record<StateClass, JSX.Element>> = {
  good: <circle class="solid" cx="6" cy="6" r="4.5" />,
  partial: (
    <>
      <circle class="line" cx="6" cy="6" r="4" />
      <path class="solid" d="M6 2a4 4 0 0 1 0 8z" />
    </>
  ),
  bad: <path class="line" d="M2.2 2.2l7.6 7.6M9.8 2.2l-7.6 7.6" />,
  off: <circle class="line" cx="6" cy="6" r="4" />,
  unknown: <circle class="solid" cx="6" cy="6" r="1.5" />,
};

const severityClasses: Readonly<Record<Severity, StateClass>> = {
  error: 'bad',
  warning: 'partial',
  info: 'unknown',
};

/** The shape of a severity. */
export const SeverityMark = ({ severity }: { readonly severity: Severity }): JSX.Element => (
  <Mark state={severityClasses[severity]} />
);

interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One section of the page, with its heading. */
export function Section({ id, title, aside, children }: SectionProps): JSX.Element {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <div class="section-head">
        <h2 id={`${id}-title`} tabIndex={-1}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

interface RemedyProps {
  readonly text: string;
  /** `fix`: it will be right after that. `try`: it shows more. */
  readonly label?: 'fix' | 'try';
}

/** What to do about something: mostly a command, which one touch selects. */
export const Remedy = ({ text, label = 'fix' }: RemedyProps): JSX.Element => (
  <p class="remedy">
    {label}: <code>{text}</code>
  </p>
);

/** Why something could not be read. */
export const Failure = ({ problem }: { readonly problem: RequestProblem }): JSX.Element => (
  <p class="failure">
    {problem.error.message} <span class="dim">({problem.error.code})</span>
  </p>
);
