/** Builds the log from the properties of the process at its start. */
import type { Clock } from '../../ports/clock.ts';
import type { SystemdJournalSink } from '../../ports/datagram.ts';
import type { LogFormatSetting, LogLevel } from '../../ports/logger.ts';
import { ByteQueue, type ByteSink } from './byte-queue.ts';
import { callSite } from './call-site.ts';
import { type ChosenFormat, chooseFormat, type LogEnvironment } from './log-format.ts';
import { jsonOutput, type LogOutput, SystemdJournalOutput, streamOutput, textOutput } from './log-output.ts';
import { Log } from './logger.ts';

export interface LogPlaces {
  readonly surroundings: LogEnvironment;
  readonly standardError: ByteSink;
  /** Absent if the platform cannot reach the systemd journal's socket. */
  readonly journal?: SystemdJournalSink | undefined;
}

export interface LogOptions {
  readonly format: LogFormatSetting;
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
}

/** The log, and a function that changes its format on reload. */
export interface OpenLog {
  readonly log: Log;
  readonly chosen: ChosenFormat;
  setFormat(format: LogFormatSetting): ChosenFormat;
}

/** Opens the log in the format that the setting and standard error decide. */
export function openLog(options: LogOptions, places: LogPlaces): OpenLog {
  const queue = new ByteQueue(places.standardError);
  const chosen = chooseFormat(options.format, places.surroundings);
  const log = new Log({
    output: outputFor(chosen, queue, places),
    level: options.level,
    clock: options.clock,
    callSite,
  });
  return {
    log,
    chosen,
    setFormat(format): ChosenFormat {
      const next = chooseFormat(format, places.surroundings);
      log.setOutput(outputFor(next, queue, places));
      return next;
    },
  };
}

function outputFor(chosen: ChosenFormat, queue: ByteQueue, places: LogPlaces): LogOutput {
  const stream = chosen.toJournalStream ? streamOutput(queue) : undefined;
  switch (chosen.format) {
    case 'json':
      return jsonOutput(queue);
    case 'text':
      return stream ?? plainOutput(chosen, queue, places);
    case 'journal': {
      const fallback = stream ?? plainOutput(chosen, queue, places);
      return places.journal === undefined ? fallback : new SystemdJournalOutput(places.journal, fallback);
    }
  }
}

function plainOutput(chosen: ChosenFormat, queue: ByteQueue, places: LogPlaces): LogOutput {
  const time = places.surroundings.isTerminal ? 'clock' : 'date';
  return textOutput(queue, { colour: chosen.colour, time });
}
