/** The doors of the API: opened after the start, closed and opened again where a reload changes them. */
import { readFileSync, statSync, unlinkSync } from 'node:fs';
import { isLoopbackAddress, type TcpPolicy } from '../../api/access.ts';
import type { Config } from '../../config/index.ts';
import { millis } from '../../core/model/ids.ts';
import { listenOnControlSocket } from '../../platform/http/control-socket.ts';
import {
  DescriptorGuard,
  descriptorLimit,
  lowestFreeDescriptor,
} from '../../platform/http/descriptor-guard.ts';
import {
  type Certificate,
  type Listener,
  listenOnSocket,
  listenOnTcp,
} from '../../platform/http/listeners.ts';
import { clearSocketPath, shareWithGroup } from '../../platform/http/unix-path.ts';
import type { Native } from '../../platform/native.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DoorName, HttpHandler } from '../../ports/http.ts';
import type { Logger } from '../../ports/logger.ts';
import { errnoOf } from '../../store/journal/journal-file.ts';

export interface DoorsParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly native: Pick<Native, 'peerCredentials' | 'lookupGroup'>;
  readonly handler: HttpHandler;
}

/** Whose group may read. */
const readers = 'netevd';
/** Another program may leave the port, or an operator mend the file. */
const retryDelay = millis(10_000);
/** Fewer descriptors than this are used up by one curious client. */
const fewDescriptors = 4096;

type Name = 'read' | 'control' | 'tcp' | 'metrics';

interface Wanted {
  readonly name: Name;
  /** Differs where the door has to be opened again. */
  readonly key: string;
  readonly open: () => Promise<Listener>;
  readonly where: string;
}

interface Open {
  readonly key: string;
  readonly listener: Listener;
}

export class Doors implements AsyncDisposable {
  readonly #parts: DoorsParts;
  readonly #open = new Map<Name, Open>();
  /** Ports that the kernel has chosen: a listener that is opened again keeps its own. */
  readonly #chosen = new Map<Name, number>();
  #config: Config | undefined;
  #token: string | undefined;
  #retry: Disposable | undefined;
  #guard: Disposable | undefined;
  #isPaused = false;
  /** One change after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(parts: DoorsParts) {
    this.#parts = parts;
  }

  /** What applies to TCP now. */
  policy(): TcpPolicy {
    const address = this.#config?.api.bindAddress ?? '127.0.0.1';
    return { token: this.#token, isLoopback: isLoopbackAddress(address) };
  }

  /** Opens and closes what the configuration says. Certificates and the token are read again. */
  configure(config: Config): Promise<void> {
    this.#config = config;
    this.#token = this.#readToken(config.api);
    return this.#apply();
  }

  /** Stops listening; requests that run go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#retry?.[Symbol.dispose]();
    this.#guard?.[Symbol.dispose]();
    this.#config = undefined;
    await this.#apply();
  }

  #apply(): Promise<void> {
    this.#work = this.#work.then(() => this.#change());
    return this.#work;
  }

  async #change(): Promise<void> {
    this.#retry?.[Symbol.dispose]();
    const wanted = this.#config === undefined ? [] : this.#wanted(this.#config);
    for (const [name, { key, listener }] of this.#open) {
      if (wanted.some((door) => door.name === name && door.key === key)) continue;
      this.#open.delete(name);
      // Its streams have been told, or go on until they end: nobody waits for them.
      void listener.stop(this.#config === undefined);
    }
    let hasFailed = false;
    for (const door of wanted) {
      if (!this.#open.has(door.name) && !(await this.#tryToOpen(door))) hasFailed = true;
    }
    if (hasFailed) this.#retry = this.#parts.clock.schedule(retryDelay, () => void this.#apply());
    if (this.#open.has('tcp')) this.#guardDescriptors();
  }

  async #tryToOpen({ name, key, open, where }: Wanted): Promise<boolean> {
    const { log } = this.#parts;
    try {
      const listener = await open();
      this.#open.set(name, { key, listener });
      const port = listener.port === 0 ? {} : { port: listener.port };
      log.info(
        `listening on ${name === 'tcp' || name === 'metrics' ? portText(where, listener.port) : where}`,
        {
          component: 'api',
          door: name,
          ...port,
        },
      );
      return true;
    } catch (error) {
      const code = reasonOf(error);
      log.error(`cannot listen on ${where} (${code}); trying again every 10 s`, {
        component: 'api',
        door: name,
        errno: code,
        errorCode: 'NETEVD_API_LISTEN',
        repeatKey: `listen ${name}`,
      });
      return false;
    }
  }

  #wanted({ api, metrics }: Config): readonly Wanted[] {
    if (!api.enabled) return [];
    const doors: Wanted[] = [];
    if (api.socket !== undefined) doors.push(this.#socket('read', api.socket));
    if (api.controlSocket !== undefined) doors.push(this.#socket('control', api.controlSocket));
    const { bindAddress } = api;
    const isOpenToAll = !isLoopbackAddress(bindAddress) && this.#token === undefined;
    if (isOpenToAll || this.#isPaused) return doors;
    const certificate = this.#certificate(api.tls);
    if (api.tls !== undefined && certificate === undefined) return doors;
    doors.push(this.#tcp('tcp', bindAddress, api.port, certificate));
    if (metrics.enabled && metrics.port !== 0 && metrics.port !== api.port) {
      doors.push(this.#tcp('metrics', bindAddress, metrics.port, certificate));
    }
    return doors;
  }

  #socket(name: 'read' | 'control', path: string): Wanted {
    return { name, key: path, where: path, open: () => this.#openSocket(name, path) };
  }

  async #openSocket(name: 'read' | 'control', path: string): Promise<Listener> {
    const { handler, native } = this.#parts;
    const obstacle = await clearSocketPath(path);
    if (obstacle !== undefined) throw Object.assign(new Error(obstacle.code), obstacle);
    const listener =
      name === 'read'
        ? listenOnSocket(path, 'read', handler)
        : await listenOnControlSocket({ path, handler, peerOf: (fd) => native.peerCredentials(fd) });
    if (name === 'read') this.#share(path);
    return { ...listener, stop: (atOnce) => stopSocket(listener, path, atOnce) };
  }

  #share(path: string): void {
    const gid = this.#parts.native.lookupGroup(readers);
    const code = gid === null ? 'no such group' : shareWithGroup(path, gid);
    if (code === undefined) return;
    this.#parts.log.warn(`only netevd's own user and root can open ${path}: group ${readers}: ${code}`, {
      component: 'api',
      repeatKey: 'socket-group',
    });
  }

  #tcp(
    name: DoorName & ('tcp' | 'metrics'),
    address: string,
    port: number,
    certificate: Certificate | undefined,
  ): Wanted {
    const host = address.includes(':') ? `[${address}]` : address;
    const where = `${certificate === undefined ? 'http' : 'https'}://${host}:${port}`;
    const key = `${where} ${certificate?.cert ?? ''}`;
    const open = async (): Promise<Listener> => {
      const options = { address, door: name, certificate };
      const wanted = port === 0 ? (this.#chosen.get(name) ?? 0) : port;
      const listener = listenOnTcp({ ...options, port: wanted }, this.#parts.handler);
      this.#chosen.set(name, listener.port);
      return listener;
    };
    return { name, key, where, open };
  }

  #certificate(tls: Config['api']['tls']): Certificate | undefined {
    if (tls === undefined) return undefined;
    try {
      return { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
    } catch (error) {
      this.#unreadable('certificate', `${tls.certFile}, ${tls.keyFile}`, errnoOf(error));
      return undefined;
    }
  }

  /** Undefined where none is configured, or it cannot be used: then nothing but reading on loopback is allowed. */
  #readToken({ tokenFile }: Config['api']): string | undefined {
    if (tokenFile === undefined) return undefined;
    try {
      if ((statSync(tokenFile).mode & 0o007) !== 0) {
        this.#unreadable('token', tokenFile, 'others can read it: chmod o= FILE');
        return undefined;
      }
      const token = readFileSync(tokenFile, 'utf8').trim();
      if (/^[\x21-\x7e]{16,1024}$/.test(token)) return token;
      this.#unreadable('token', tokenFile, 'a token has 16 to 1024 characters of ASCII without blanks');
    } catch (error) {
      this.#unreadable('token', tokenFile, errnoOf(error));
    }
    return undefined;
  }

  #unreadable(what: string, path: string, why: string): void {
    this.#parts.log.error(`cannot use the ${what} in ${path} (${why})`, {
      component: 'api',
      path,
      errorCode: 'NETEVD_API_LISTEN',
    });
  }

  #guardDescriptors(): void {
    if (this.#guard !== undefined) return;
    const { clock, log } = this.#parts;
    const limit = descriptorLimit();
    if (limit < fewDescriptors) {
      log.warn(`only ${limit} files can be open: raise LimitNOFILE of the unit to 65536`, {
        component: 'api',
      });
    }
    this.#guard = new DescriptorGuard({
      clock,
      limit,
      lowestFree: lowestFreeDescriptor,
      listener: {
        pause: (atOnce) => this.#pause(atOnce),
        resume: () => {
          this.#isPaused = false;
          void this.#apply();
        },
      },
      onChange: (isPaused) =>
        isPaused
          ? log.warn('too many connections: not listening on TCP for 10 s', {
              component: 'api',
              errorCode: 'NETEVD_API_FLOOD',
              repeatKey: 'flood',
            })
          : undefined,
    });
  }

  #pause(atOnce: boolean): void {
    this.#isPaused = true;
    for (const name of ['tcp', 'metrics'] as const) {
      const door = this.#open.get(name);
      this.#open.delete(name);
      void door?.listener.stop(atOnce);
    }
  }
}

const portText = (where: string, port: number): string => where.replace(/:\d+$/, `:${port}`);

/** The name goes with the socket, unless somebody has put another file there. */
async function stopSocket(listener: Listener, path: string, atOnce: boolean): Promise<void> {
  const stopped = listener.stop(atOnce);
  try {
    unlinkSync(path);
  } catch (error) {
    errnoOf(error);
  }
  await stopped;
}

/** The errno; of a certificate that is none, what the TLS library says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
