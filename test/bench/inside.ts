/**
 * One measurement, in a private root and network (run.ts starts it there). Prints its figures as one line of JSON.
 *
 *   inside.ts hooks|start|cost|storm|overrun|idle brief|full
 */
import { measureCost } from './cost.ts';
import { measureHooks } from './event-to-hook.ts';
import { measureIdle } from './idle.ts';
import { measureOverrun } from './overrun.ts';
import { measureStart } from './start.ts';
import { measureStorm } from './storm.ts';

const measurements: Readonly<Record<string, (isBrief: boolean) => Promise<unknown>>> = {
  hooks: measureHooks,
  start: measureStart,
  cost: measureCost,
  storm: measureStorm,
  overrun: measureOverrun,
  idle: measureIdle,
};

const [name = '', length = 'full'] = process.argv.slice(2);
const measure = measurements[name];
if (measure === undefined) throw new Error(`no measurement ${name}`);
process.stdout.write(`${JSON.stringify(await measure(length === 'brief'))}\n`);
