import { afterAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeProgram } from '../testing/native-program.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { ManagerSocket } from './manager-sockets.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-manager-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('ManagerSocket', () => {
  test('sends datagrams as soon as the socket exists', async () => {
    const path = join(scratch, 'notify');
    const socket = new ManagerSocket(path);
    expect(socket.send(new Uint8Array([1]))).toEqual({ ok: false, code: 'ENOENT' });
    const receiver = spawn(nativeProgram('datagram-receive'), [path, '1']);
    let output = '';
    receiver.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await waitUntil('the socket', () => output.startsWith('ready\n'));
    expect(socket.send(new TextEncoder().encode('READY=1'))).toEqual({ ok: true });
    receiver.stdin.write('go\n');
    await once(receiver, 'close');
    expect(output).toContain('inline 7 ');
  });

  test('returns the errno name for a socket that does not exist', () => {
    expect(new ManagerSocket('@netevd-nobody-at-all').send(new Uint8Array([1]))).toEqual({
      ok: false,
      code: 'ECONNREFUSED',
    });
  });
});
