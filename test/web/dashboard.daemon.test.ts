/** The dashboard of the built daemon on a real kernel, in a real browser: the same checks as on an invented host. */
import { describe, test } from 'bun:test';
import { chmodSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type DaemonUnderTest, Site } from '../daemon/daemon-under-test.ts';
import { Cable, ip } from '../daemon/links.ts';
import { assertPrivate } from '../namespace/private.ts';
import { chromiumPath } from './chromium.ts';
import { dashboardContract } from './dashboard-contract.ts';
import type { World } from './world.ts';

const port = 19_090;

class DaemonWorld implements World {
  readonly url: string = `http://127.0.0.1:${port}`;
  readonly hostname: string = hostname();
  readonly token: string = 'correct-horse-battery';
  readonly link: string = 'eth0';
  readonly #site = new Site();
  readonly #cable = new Cable('eth0', 1);
  #daemon: DaemonUnderTest | undefined;

  static async open(): Promise<DaemonWorld> {
    const world = new DaemonWorld();
    world.#cable.up();
    await world.#cable.carrier('on');
    for (const words of ['addr add 192.0.2.10/24 dev eth0', 'route add default via 192.0.2.1 dev eth0'])
      ip(words);
    const tokenFile = join(world.#site.root, 'token');
    writeFileSync(tokenFile, `${world.token}\n`);
    chmodSync(tokenFile, 0o600);
    world.#site.configure({
      api: { port, token_file: tokenFile },
      events: { database: join(world.#site.root, 'events.db') },
    });
    await world.start();
    return world;
  }

  async start(): Promise<void> {
    this.#daemon = await this.#site.start();
    const isUp = async (): Promise<boolean> => {
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      return answer?.ok === true;
    };
    await waitUntil('the API', isUp);
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = undefined;
  }

  async pullCable(): Promise<void> {
    await this.#cable.carrier('off');
  }

  async plugCable(): Promise<void> {
    await this.#cable.carrier('on');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#cable[Symbol.dispose]();
    this.#site[Symbol.dispose]();
  }
}

if (chromiumPath() === undefined) {
  describe('the dashboard of a daemon', () => {
    test.skip('is drawn in a browser: apt-get install chromium', () => {});
  });
} else {
  assertPrivate();
  dashboardContract('a daemon', () => DaemonWorld.open());
}
