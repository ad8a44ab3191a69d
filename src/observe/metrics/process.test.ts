import { describe, expect, test } from 'bun:test';
import { parseProcessFiles } from './process.ts';

/** As Linux 6.18 writes them, for a process with a misleading name. */
const stat =
  '4711 (a) S 1 (b) S 4242 4711 4711 0 -1 4194304 1203 0 3 0 257 143 0 0 20 0 4 0 12345678 83206144 5120 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0\n';
const status =
  'Name:\ta\nUmask:\t0022\nVmPeak:\t   81256 kB\nVmRSS:\t   35368 kB\nRssAnon:\t   11648 kB\nThreads:\t4\n';
const limits = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 524288               files
Max address space         unlimited            unlimited            bytes
`;
const files = { stat, status, limits, openFiles: 17, bootTime: 1_790_000_000 };

describe('parseProcessFiles', () => {
  test('figures have the unit in their name', () => {
    expect(parseProcessFiles(files)).toEqual({
      cpuSeconds: 4,
      gauges: [
        ['process_resident_memory_bytes', 35_368 * 1024],
        ['process_virtual_memory_bytes', 83_206_144],
        ['process_virtual_memory_max_bytes', Number.POSITIVE_INFINITY],
        ['process_start_time_seconds', 1_790_123_456.78],
        ['process_open_fds', 17],
        ['process_max_fds', 1024],
      ],
    });
  });

  test('figures contain the soft limits', () => {
    const bounded = limits.replace('address space         unlimited ', 'address space         4294967296');
    expect(parseProcessFiles({ ...files, limits: bounded }).gauges).toContainEqual([
      'process_virtual_memory_max_bytes',
      4_294_967_296,
    ]);
  });

  test('figures that the files do not contain are absent', () => {
    const empty = { stat: '', status: '', limits: '', openFiles: 0, bootTime: 0 };
    expect(parseProcessFiles(empty)).toEqual({ cpuSeconds: undefined, gauges: [['process_open_fds', 0]] });
  });
});
