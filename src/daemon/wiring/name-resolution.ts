/** Name resolution and the host's name: those who are told what leases say, put together. */
import type { LinkService, ResolverCall, ResolverOutcome } from '../../core/resolver/call.ts';
import { callCommand } from '../../core/resolver/call-command.ts';
import { HostnamedRunner, isHostCall } from '../../effects/hostnamed/hostnamed-runner.ts';
import { isLinkCall } from '../../effects/resolved/messages.ts';
import { ResolvedRunner } from '../../effects/resolved/resolved-runner.ts';
import type { BusConnection } from '../../ports/bus-connection.ts';

export interface NameResolution extends Disposable {
  /** Groups of calls that do not wait for each other; what becomes of each call is told with its group. */
  run(calls: readonly ResolverCall[]): readonly Promise<readonly ResolverOutcome[]>[];
}

export interface NameResolutionParts {
  readonly bus: BusConnection;
  readonly onReturn: (service: LinkService) => void;
}

/** Over the bus, by systemd's services. */
export function nameResolution({ bus, onReturn }: NameResolutionParts): NameResolution {
  const resolved = new ResolvedRunner({ bus, onReturn });
  const hostnamed = new HostnamedRunner(bus);
  return {
    run: (calls) => {
      const links = calls.filter(isLinkCall);
      const host = calls.filter(isHostCall);
      return [
        ...(links.length > 0 ? [resolved.run(links)] : []),
        ...(host.length > 0 ? [hostnamed.run(host)] : []),
      ];
    },
    [Symbol.dispose]: () => resolved[Symbol.dispose](),
  };
}

/** Only says what it would do, which then counts as done. */
export function dryNameResolution(say: (command: string) => void): NameResolution {
  return {
    run: (calls) => {
      for (const call of calls) say(callCommand(call));
      return [Promise.resolve(calls.map((call) => ({ call, result: { kind: 'done' } })))];
    },
    [Symbol.dispose]: () => undefined,
  };
}
