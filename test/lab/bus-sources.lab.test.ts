/** The sources with the real managers: facts contain each report, even if no hook runs for it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { deviceStates } from '../../src/core/model/vocabulary.ts';
import { BusMonitor, withoutRepeats } from './bus-monitor.ts';
import { BUN_INSIDE as bun, Lab, PROJECT_INSIDE as project } from './lab.ts';
import { describeLab } from './lab-available.ts';
import type { LabProcess } from './lab-process.ts';

const deadline = 30_000;

/** A line of the program: a fact, with maps as objects. */
interface Printed {
  readonly kind: string;
  readonly index?: number;
  readonly device?: { readonly state: string; readonly connection?: string; readonly dns: readonly string[] };
  readonly link?: { readonly administrative?: string; readonly operational?: string };
}

describeLab('facts of the managers', () => {
  let lab: Lab;
  let monitor: BusMonitor;
  let program: LabProcess;

  beforeAll(async () => {
    lab = await Lab.boot({ name: 'bus-sources' });
    monitor = await BusMonitor.start(lab);
    program = await lab.spawn([bun, `${project}/test/lab/programs/bus-facts.ts`]);
    const isReading = (): boolean =>
      ['networkdRead', 'networkManagerRead'].every((kind) => kinds().includes(kind));
    await lab.until(`both managers to be read: ${program.stderr}`, isReading, deadline);
  }, 120_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const facts = (): Printed[] =>
    program.stdout
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Printed);
  const kinds = (): string[] => facts().map(({ kind }) => kind);

  /** States of one link in the facts, without repeats. */
  const words = (index: number, word: 'administrative' | 'operational'): string[] =>
    withoutRepeats(facts().flatMap((fact) => (fact.index === index ? (fact.link?.[word] ?? []) : [])));
  const states = (index: number): string[] =>
    withoutRepeats(facts().flatMap((fact) => (fact.index === index ? (fact.device?.state ?? []) : [])));

  const same = async (
    what: string,
    said: () => string[],
    told: () => string[],
    last: string,
  ): Promise<void> => {
    await lab.until(
      `${what} to be ${last}`,
      () => said().at(-1) === last && told().at(-1) === last,
      deadline,
    );
    expect(told()).toEqual(said());
  };

  test('facts contain every report of networkd, from the first', async () => {
    await lab.links.add('nd1', 1, 'dhcp');
    const setups = (): string[] => monitor.networkd(1001, 'AdministrativeState');
    await same('nd1', setups, () => words(1001, 'administrative'), 'configured');
    await same(
      'nd1',
      () => monitor.networkd(1001, 'OperationalState'),
      () => words(1001, 'operational'),
      'routable',
    );
  });

  test('have every state of NetworkManager, however short', async () => {
    await lab.links.add('nm2', 2, 'dhcp');
    await lab.ok(['nmcli', 'connection', 'add', 'type', 'ethernet', 'ifname', 'nm2', 'con-name', 'office']);
    const names = new Map(Object.entries(deviceStates).map(([name, number]) => [number as number, name]));
    const said = (): string[] => monitor.deviceStates().map((state) => names.get(state) ?? '');
    await lab.until(
      'nm2 to be activated',
      () => said().at(-1) === 'activated' && states(1002).at(-1) === 'activated',
    );
    // The first is what the device came with: NetworkManager may have signalled that one, too, or one before it.
    const [, ...told] = states(1002);
    expect(told).toEqual(said().slice(-told.length));
    expect(said()).toEqual(
      expect.arrayContaining(['prepare', 'config', 'ip-config', 'ip-check', 'secondaries']),
    );
    const device = facts().findLast(
      ({ index, device: found }) => index === 1002 && found?.state === 'activated',
    );
    expect(device?.device).toMatchObject({ connection: 'office', dns: ['10.77.2.1'] });
  });
});
