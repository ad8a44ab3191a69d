/** `dns.d`: the DNS servers and domains of a link, from whichever sources have some. */
import { settingsReports } from './subject.ts';
import type { LinkTopic } from './topic.ts';

export const dnsSettings: LinkTopic = {
  key: 'dns',
  directory: 'dns',
  read(subject) {
    const reports = settingsReports(subject).filter(
      ({ settings }) => settings.dns.length + settings.domains.length > 0,
    );
    const [first] = reports;
    if (first === undefined) return undefined;
    const dns = [...new Set(reports.flatMap(({ settings }) => settings.dns))];
    const domains = [...new Set(reports.flatMap(({ settings }) => settings.domains))];
    return { source: first.source, values: { dns, domains } };
  },
};
