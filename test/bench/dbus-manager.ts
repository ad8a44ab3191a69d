/**
 * Plays systemd-networkd on a bus for the benchmark: `bun dbus-manager.ts SOCKET PLAN...`, where a plan is
 * `COUNT@INTERVAL_MS`. Each signal says in `OnlineState` when it was sent, in microseconds of the wall clock.
 */
import { asVariants } from '../../src/testing/fake-networkd.ts';
import { MessageKind } from '../../src/wire/dbus/message.ts';
import type { BusBody } from '../../src/wire/dbus/value.ts';
import { BusPeer, type PeerCall } from '../contract/bus-peer.ts';

const [path = '', ...plans] = process.argv.slice(2);
const root = '/org/freedesktop/network1';
const link = `${root}/link/_32`;
const states = ['carrier', 'no-carrier'] as const;
const micros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1_000);

const peer = await BusPeer.connect({ kind: 'path', path });
const linkProperties = {
  OperationalState: 'carrier',
  AdministrativeState: 'configured',
  CarrierState: 'carrier',
  AddressState: 'off',
};

function answerTo({ header, values }: PeerCall): BusBody {
  if (header.member === 'ListLinks') return { signature: 'a(iso)', values: [[[2, 'eth0', link]]] };
  if (header.member === 'Describe') return { signature: 's', values: ['{}'] };
  const properties = String(values[0]).endsWith('Link') ? linkProperties : { OperationalState: 'carrier' };
  return { signature: 'a{sv}', values: [asVariants(properties)] };
}

peer.onCall = (call) => {
  const { sender: destination = '', serial: replySerial } = call.header;
  peer.send({ kind: MessageKind.reply, flags: 0, destination, replySerial, body: answerTo(call) });
};
await peer.own('org.freedesktop.network1');

function signal(i: number): void {
  const state = states[i % 2] as string;
  const changed = asVariants({ OperationalState: state, CarrierState: state, SentAt: String(micros()) });
  peer.send({
    kind: MessageKind.signal,
    flags: 0,
    path: link,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'PropertiesChanged',
    body: { signature: 'sa{sv}as', values: ['org.freedesktop.network1.Link', changed, []] },
  });
}

process.stdout.write('ready\n');
for await (const line of console) {
  const [count = 0, interval = 0] = (plans[Number(line)] ?? '').split('@').map(Number);
  for (let i = 0; i < count; i++) {
    signal(i);
    if (interval > 0) await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
