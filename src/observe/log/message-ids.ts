/**
 * MESSAGE_ID of the lines that the catalog explains: random 128-bit numbers, chosen once, never changed or reused
 * (sd_journal_print(3)). `packaging/systemd/netevd.catalog` explains each to `journalctl -x`.
 */
import type { MessageName } from '../../ports/logger.ts';

export const messageIds: Readonly<Record<MessageName, string>> = {
  daemonReady: '7d442d09eb46404fac245dea78fe014d',
  daemonStopping: 'cf1e571a83924fb98cb164617ef6e1fd',
  configReloaded: 'f67311435435443baf3d70e209beb4d2',
  configRejected: '02187cad30dc46fba8012cefe0ea951e',
  linkChanged: 'f541d97f180640a3810a505bc4143a7a',
  hookFailed: '8e2c941be6d843dda12c32c23a1faa51',
  hookTimedOut: '7c82efd53b1940dab28572e9a47120a6',
  hookRefused: 'c7605ce8b439435bb4a1422634d9c08e',
  syncLost: 'c76d3104c0c345bbb1ad81ee24c130ea',
  sourceLost: 'e0eaf71a7ab14ad9af614e3e6b90dfee',
  sourceRestored: 'de8d4d1dd00c46d2b7edd0f9818913a6',
  routingChanged: '33fef34ade3d4dd683a7394e7e11a849',
  routingConflict: 'dc80ce253316437d9ac35e47d8a75746',
  routingContested: '68e588589a1348c99b31ac3f282e290c',
  privilegeMissing: 'd8e5353d22384dbc84b28d816a89fbce',
  callRefused: '4b34ba967ad14a9a81a22e7029237eb5',
  nameResolutionChanged: '4daed063e23247b69208e22d34fbc121',
  valueRejected: '9010d004e31f4094acb193af819d8a0b',
  stateBroken: '9ea795eec87043dba065ec646fe9552a',
  stateUnwritable: '4d1805daf9bc42a1b9f94b25a8052e78',
  internalError: 'c76e3b9c3c1f412ca5ee48ce02b19d45',
};
