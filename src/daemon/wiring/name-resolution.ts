/** Carries out the calls for name resolution and the host's name. */
import type { LinkService, ResolverCall, ResolverOutcome } from '../../core/resolver/call.ts';
import { callCommand } from '../../core/resolver/call-command.ts';
import { HostnamedRunner, isHostCall } from '../../effects/hostnamed/hostnamed-runner.ts';
import { isLinkCall } from '../../effects/resolved/messages.ts';
import { ResolvedRunner } from '../../effects/resolved/resolved-runner.ts';
import type { BusConnection } from '../../ports/bus-connection.ts';

export interface NameResolution extends Disposable {
  /** Makes groups of calls that do not wait for each other; reports the outcomes of each group together. */
  run(calls: readonly ResolverCall[]): readonly Promise<readonly ResolverOutcome[]>[];
}

export interface NameResolutionParts {
  readonly bus: BusConnection;
  readonly onReturn: (service: LinkService) => void;
}

/** Calls systemd's services over the bus. */
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

/** Logs each call and reports it as done. */
export function dryNameResolution(say: (command: string) => void): NameResolution {
  return {
    run: (calls) => {
      for (const call of calls) say(callCommand(call));
      return [Promise.resolve(calls.map((call) => ({ call, result: { kind: 'done' } })))];
    },
    [Symbol.dispose]: () => undefined,
  };
}
