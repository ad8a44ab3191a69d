import { describe, expect, test } from 'bun:test';
import { asVariants } from '../../testing/fake-networkd.ts';
import { indexOfPath, parseHostProperties, parseLinkList, parseLinkProperties } from './parse-properties.ts';

describe('indexOfPath', () => {
  test.each([
    ['/org/freedesktop/network1/link/_31', 1],
    ['/org/freedesktop/network1/link/_312', 12],
    ['/org/freedesktop/network1/link/_31001', 1001],
    ['/org/freedesktop/network1/link/_32147483647', 2_147_483_647],
    ['/org/freedesktop/network1/link/_32147483648', undefined],
    ['/org/freedesktop/network1/link/_30', undefined],
    ['/org/freedesktop/network1/link/12', undefined],
    ['/org/freedesktop/network1/link/_31_32', undefined],
    ['/org/freedesktop/network1/link/_', undefined],
    ['/org/freedesktop/network1/link/_2d1', undefined],
    ['/org/freedesktop/network1/link/', undefined],
    ['/org/freedesktop/network1/link', undefined],
    ['/org/freedesktop/network1', undefined],
  ])('parses %s', (path, index) => {
    expect(indexOfPath(path) as number | undefined).toBe(index);
  });
});

describe('states among properties', () => {
  test('parseLinkProperties keeps known values and lists unknown ones', () => {
    const properties = asVariants({
      OperationalState: 'degraded-carrier',
      AdministrativeState: 'configured.d/../x',
      AddressState: 'Routable',
      IPv4AddressState: 'degraded',
      OnlineState: '',
      NetworkNamespace: 'x',
    });
    expect(parseLinkProperties(properties)).toEqual({
      states: { operational: 'degraded-carrier', ipv4AddressState: 'degraded' },
      unknown: ['AdministrativeState=configured.d/../x', 'AddressState=Routable'],
    });
  });

  test('parseHostProperties returns the states of the host by their names on the bus', () => {
    const properties = asVariants({
      OperationalState: 'routable',
      AdministrativeState: 'configured',
      OnlineState: '',
    });
    expect(parseHostProperties(properties).host).toEqual({ OperationalState: 'routable', OnlineState: '' });
  });

  test('parseLinkProperties ignores a value of another type', () => {
    expect(parseLinkProperties(new Map([['OperationalState', { signature: 'u', value: 3 }]]))).toEqual({
      states: {},
      unknown: [],
    });
  });
});

test('parseLinkList keeps links whose index and path agree', () => {
  const at = (label: string): string => `/org/freedesktop/network1/link/${label}`;
  const list = [[1, 'lo', at('_31')], [2, 'x', at('_33')], [3, 'y', '/else'], 'z', [4]];
  expect(parseLinkList(list) as unknown).toEqual([{ index: 1, path: at('_31') }]);
  expect(parseLinkList('lo')).toBeUndefined();
});
