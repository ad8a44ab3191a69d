import { expect, test } from 'bun:test';
import { runtimeSwitches } from './runtime-environment.ts';

const rows: readonly [name: string, isRefused: boolean][] = [
  ['BUN_OPTIONS', true],
  ['BUN_INSPECT', true],
  ['BUN_INSPECT_CONNECT_TO', true],
  ['BUN_BYTECODE_ORDER_OUT', true],
  ['BUN_JSC_useJITDump', true],
  ['JSC_SIGNAL_FOR_GC', true],
  ['MIMALLOC_SHOW_STATS', true],
  ['MI_VERBOSE', true],
  ['BUN_INSTALL', false],
  ['BUN_INSTALL_CACHE_DIR', false],
  ['BUN_INSTALLER', true],
  ['PATH', false],
  ['NETEVD_LOG_LEVEL', false],
  ['XBUN_OPTIONS', false],
];
test.each(rows)('a variable %s is refused: %p', (name, isRefused) => {
  expect(runtimeSwitches({ [name]: '1' })).toEqual(isRefused ? [name] : []);
});

test('a variable that is set to nothing does nothing', () => {
  expect(runtimeSwitches({ BUN_OPTIONS: '', JSC_SIGNAL_FOR_GC: undefined })).toEqual([]);
});
