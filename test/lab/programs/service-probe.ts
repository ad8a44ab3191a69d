/**
 * A service in small: the log, the notifications and the sockets of the daemon, and nothing else. Run in the lab.
 *   log           writes a few lines and ends
 *   serve         ready; SIGHUP reloads, SIGTERM stops
 *   hang          ready, a few signs of life, then a loop that never ends
 */
import { millis } from '../../../src/core/model/ids.ts';
import { openLog } from '../../../src/observe/log/open-log.ts';
import { openByteSink, readLogEnvironment } from '../../../src/observe/log/standard-error.ts';
import { Notifier, parseNotifyEnvironment } from '../../../src/observe/notify.ts';
import { SystemClock } from '../../../src/platform/clock.ts';
import { ManagerSocket, systemdJournalSocket } from '../../../src/platform/manager-sockets.ts';
import { loadNative } from '../../../src/platform/native.ts';

const clock = new SystemClock();
const { log, chosen } = openLog(
  { format: 'auto', level: 'info', clock },
  {
    surroundings: readLogEnvironment(process.env),
    standardError: openByteSink(),
    journal: new ManagerSocket(systemdJournalSocket),
  },
);
const settings = parseNotifyEnvironment(process.env, process.pid);
const notifyPath =
  settings.address?.kind === 'abstract' ? `@${settings.address.name}` : settings.address?.path;
const notifier = new Notifier(notifyPath === undefined ? undefined : new ManagerSocket(notifyPath), settings);

function writeLines(): void {
  log.logger.info(`format ${chosen.format}`);
  log.logger.warn('carrier lost\n<0>forged\x1b[2J', {
    interface: 'eth0',
    event: 'no-carrier',
    state: 'no-carrier',
    backend: 'kernel',
    seq: 7,
    script: '/etc/netevd/no-carrier.d/10-x',
    messageId: 'linkChanged',
    output: 'one\nPRIORITY=0\ntwo\x1b[2J',
    dns: ['192.0.2.1', '192.0.2.2'],
  });
  log.logger.error(
    'large',
    Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`v${i}`, 'x'.repeat(8000)])),
  );
  log.close();
}

function serve(): void {
  process.on('SIGHUP', () => {
    notifier.reloading('reading the configuration', loadNative().monotonicMicros());
    notifier.ready('reloaded');
  });
  process.on('SIGTERM', () => {
    notifier.stopping('hooks have their grace');
    process.exit(0);
  });
  notifier.ready('2 links');
  setInterval(() => notifier.beat(clock.now()), notifier.beatInterval ?? millis(1000));
}

function hang(): void {
  notifier.ready('about to hang');
  let beats = 0;
  const timer = setInterval(() => {
    notifier.beat(clock.now());
    if (++beats < 3) return;
    clearInterval(timer);
    for (;;) if (clock.now() < 0) break;
  }, notifier.beatInterval ?? millis(1000));
}

const modes: Readonly<Record<string, () => void>> = { log: writeLines, serve, hang };
modes[process.argv[2] ?? '']?.();
