import { describe, expect, test } from 'bun:test';
import { closeSync, openSync } from 'node:fs';
import { parseProcessFiles } from '../observe/metrics/process.ts';
import type { ProcessFiles } from '../ports/process-files.ts';
import { ProcProcessFiles } from './process-files.ts';

function read(reader: ProcProcessFiles): ProcessFiles {
  const files = reader.read();
  if (files === undefined) throw new Error('no /proc');
  return files;
}

describe('the files of this process', () => {
  test('give every figure, and the ones that the runtime knows too are the same', () => {
    const { cpuSeconds, gauges } = parseProcessFiles(read(new ProcProcessFiles()));
    const values = new Map<string, number>(gauges);
    expect(values.size).toBe(6);
    const startedBy = (values.get('process_start_time_seconds') ?? 0) * 1000;
    // btime has whole seconds, and the runtime's clock starts a little after the process.
    expect(Math.abs(performance.timeOrigin - startedBy)).toBeLessThan(5000);
    expect(cpuSeconds ?? 0).toBeGreaterThan(0);
    expect(cpuSeconds ?? 0).toBeLessThanOrEqual(
      process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 + 0.1,
    );
    const resident = values.get('process_resident_memory_bytes') ?? 0;
    expect(resident).toBeGreaterThan(process.memoryUsage().rss / 2);
    expect(resident).toBeLessThan(process.memoryUsage().rss * 2);
    expect(values.get('process_virtual_memory_bytes') ?? 0).toBeGreaterThan(resident);
    expect(values.get('process_open_fds') ?? 0).toBeLessThan(values.get('process_max_fds') ?? 0);
  });

  test('count an open file, and not the one that the count opens', () => {
    const reader = new ProcProcessFiles();
    const before = read(reader).openFiles;
    const fd = openSync('/dev/null', 'r');
    const during = read(reader).openFiles;
    closeSync(fd);
    expect(during - before).toBe(1);
  });
});
