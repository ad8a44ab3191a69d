import { expect, test } from 'bun:test';
import { parseShebang, type ShebangProblem, shebangProblem } from './shebang.ts';

const programs = new Set(['/bin/sh', '/usr/bin/env', 'python3']);

test.each<readonly [head: string, code: ShebangProblem['code'] | undefined]>([
  ['#!/bin/sh\necho', undefined],
  ['#! /bin/sh -e\n', undefined],
  ['#!/usr/bin/env python3\n', undefined],
  ['#!/usr/bin/env -S python3 -u\n', undefined],
  ['#!/usr/bin/env -S A=1 python3\n', undefined],
  ['#!/usr/bin/env ruby\n', 'program-missing'],
  ['#!/usr/bin/python2\n', 'interpreter-missing'],
  ['#!/bin/sh\r\necho\r\n', 'crlf'],
  ['#!\n', 'no-interpreter'],
  ['echo hello\n', 'no-shebang'],
  ['', 'empty'],
  ['\u007fELF\u0002\u0001\u0001\u0000', undefined],
])('the problem of a file that starts with %j is %p', (head, code) => {
  const problem = shebangProblem(parseShebang(head), (program) => programs.has(program));
  expect(problem?.code).toBe(code as never);
});

test('the problem of a missing program contains its name', () => {
  expect(shebangProblem(parseShebang('#!/usr/bin/python2\n'), () => false)?.text).toContain(
    '/usr/bin/python2',
  );
});
