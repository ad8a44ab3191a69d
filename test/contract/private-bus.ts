/** A dbus-daemon of the test's own, which can be ended and started again at the same address. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusAddress } from '../../src/wire/dbus/address.ts';

/** The policy of a system bus, except that any program may own any name. */
const policy = `<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/>
<allow receive_type="error"/><allow receive_type="signal"/></policy>`;

export const hasDbusDaemon: boolean = Bun.which('dbus-daemon') !== null;

export class PrivateBus implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;
  #daemon: Bun.Subprocess | undefined;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'netevd-bus-'));
    this.path = join(this.#folder, 'socket');
    const listen = `<type>system</type><listen>unix:path=${this.path}</listen><auth>EXTERNAL</auth>`;
    const head =
      '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">';
    writeFileSync(this.#config, `${head}<busconfig>${listen}${policy}</busconfig>`);
  }

  get #config(): string {
    return join(this.#folder, 'bus.conf');
  }

  get address(): BusAddress {
    return { kind: 'path', path: this.path };
  }

  async start(): Promise<void> {
    const options = [`--config-file=${this.#config}`, '--nofork', '--nopidfile', '--print-address'];
    const daemon = Bun.spawn(['dbus-daemon', ...options], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
    });
    this.#daemon = daemon;
    const { done } = await daemon.stdout.getReader().read();
    if (done) throw new Error('dbus-daemon does not listen');
  }

  async stop(): Promise<void> {
    this.#daemon?.kill('SIGKILL');
    await this.#daemon?.exited;
    rmSync(this.path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
