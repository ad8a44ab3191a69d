/** The audit log as it is configured: on, off, at another path. */
import type { Answered } from '../../api/context.ts';
import { RequestLimit } from '../../api/request-limit.ts';
import type { Config } from '../../config/index.ts';
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import type { RecordView } from '../../core/view/record-view.ts';
import type { AuditActor } from '../../observe/audit/audit-event.ts';
import { type AuditHealth, AuditLog } from '../../observe/audit/audit-log.ts';
import { auditOf } from '../../observe/audit/record-audit.ts';
import { newUuid } from '../../platform/identifiers.ts';
import { logDirectory } from '../../platform/log-directory.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpCaller } from '../../ports/http.ts';
import type { Logger } from '../../ports/logger.ts';

export interface AuditServiceParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly configFile: string;
}

export class AuditService implements Disposable {
  readonly #parts: AuditServiceParts;
  /** Of refused requests: whoever can connect can make them, and would fill the disk. */
  readonly #refused: RequestLimit = new RequestLimit(100, 1000);
  #settings: Config['audit'] | undefined;
  #log: AuditLog | undefined;

  constructor(parts: AuditServiceParts) {
    this.#parts = parts;
  }

  /** Opens, closes or moves the log; opens it again where nothing else changed, as SIGHUP asks for. */
  configure(settings: Config['audit']): void {
    const before = this.#settings;
    this.#settings = settings;
    const isSame = before?.path === settings.path && before.retentionDays === settings.retentionDays;
    if (settings.enabled && isSame && this.#log !== undefined) {
      this.#log.reopen();
      return;
    }
    this[Symbol.dispose]();
    if (settings.enabled) this.#log = this.#open(settings);
  }

  /** See `RecordSink`. */
  record(_stored: unknown, { record }: RecordView): void {
    if (this.#log === undefined) return;
    const audited = auditOf(record, this.#parts.configFile);
    if (audited !== undefined) this.#log.write(audited.entry, audited.context);
  }

  /** A request of the API. Of a flood of refused ones, their number is written. */
  request({ method, path, status, code, caller }: Answered): void {
    const isRefused = status >= 400 && code !== 'NETEVD_CONFIG_REJECTED';
    if (isRefused && this.#refused.take(this.#parts.clock.now()) !== undefined) {
      this.#log?.omit();
      return;
    }
    const entry = { type: 'api_request', method, path, status, ...(code !== undefined && { code }) } as const;
    this.#log?.write(entry, { at: this.#parts.clock.wall(), actor: actorOf(caller) });
  }

  /** Why it cannot be written; undefined where it works or is off. */
  problem(): { readonly errno: string; readonly since: Timestamp } | undefined {
    const health = this.#log?.health();
    return health === undefined || health.ok
      ? undefined
      : { errno: health.errno, since: timestamp(health.since) };
  }

  [Symbol.dispose](): void {
    this.#log?.[Symbol.dispose]();
    this.#log = undefined;
  }

  #open({ path, retentionDays }: Config['audit']): AuditLog {
    return new AuditLog({
      directory: logDirectory(path),
      retentionDays,
      clock: this.#parts.clock,
      newId: newUuid,
      onHealth: (health) => this.#logHealth(path, health),
    });
  }

  #logHealth(path: string, health: AuditHealth): void {
    const fields = { component: 'audit', path };
    if (health.ok) this.#parts.log.info('the audit log is written again', fields);
    else {
      const { code, errno } = health;
      this.#parts.log.error(`cannot write the audit log ${path} (${errno}); lines wait`, {
        ...fields,
        errno,
        errorCode: code,
      });
    }
  }
}

/** Who asked. The group's socket does not say. */
function actorOf({ process: peer, address, door }: HttpCaller): AuditActor {
  if (peer !== undefined) return { kind: 'process', ...peer };
  return address === undefined ? { kind: 'socket', name: door } : { kind: 'address', address };
}
