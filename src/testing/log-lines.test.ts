import { expect, test } from 'bun:test';
import { messageIds } from '../observe/log/message-ids.ts';
import { type LogPattern, logLinesLike, parseLogLines } from './log-lines.ts';

const text = [
  `{"level":"info","message":"eth0: carrier","message_id":"${messageIds.linkChanged}","seq":1}`,
  'no line of the log',
  '{"level":"warn","message":"eth1: no carrier","interface":"eth1","seq":2,"changed":["a","b"]}',
  '{"level":"info","message":"cut o',
].join('\n');

test('log lines are those that are whole', () => {
  expect(parseLogLines(text).map(({ seq }) => seq)).toEqual([1, 2]);
});

test.each<[LogPattern, number[]]>([
  [{ messageId: 'linkChanged' }, [1]],
  [{ changed: ['a', 'b'] }, [2]],
  [{ changed: ['a'] }, []],
  [{ interface: 'eth1' }, [2]],
  [{ level: 'info', seq: 1 }, [1]],
  [{ message: /carrier$/ }, [1, 2]],
  [{ message: /carrier$/, seq: 3 }, []],
  [{ script: /./ }, []],
])('log lines with %j', (fields, expected) => {
  expect(logLinesLike(text, fields).map(({ seq }) => Number(seq))).toEqual(expected);
});
