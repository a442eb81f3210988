import { expect, test } from 'vitest';
import { readReport } from './report';

test('a report becomes tables, one a part', () => {
  const auc = { value: 0.7, low: 0.6, high: 0.8 };
  const report = readReport({
    format: 1,
    plays: 1200,
    cuts: [1, 2],
    rows: [
      { part: 'new', name: 'chance', kind: 'control', auc, verdict: null },
      { part: 'new', name: 'as it is', kind: 'default', auc, recall: { value: null, low: null, high: null } },
      { part: 'repeats', name: 'chance', kind: 'control', auc, auc_gain: null },
      'rubbish',
      { part: 'new' },
    ],
  });
  expect(report.facts).toEqual([['plays', 1200]]);
  expect(report.parts.map(({ name, figures, rows }) => [name, figures, rows.length])).toEqual([
    ['new', ['auc', 'recall'], 2],
    ['repeats', ['auc'], 1],
  ]);
  expect(report.parts[0]?.rows[0]).toEqual({
    name: 'chance',
    kind: 'control',
    verdict: '',
    figures: { auc },
  });
});

test('anything else is an empty report', () => {
  expect(readReport({ rows: 'none' })).toEqual({ parts: [], facts: [] });
});

test('a part in which nothing was to be found is left out', () => {
  const auc = { value: null, low: null, high: null };
  expect(readReport({ rows: [{ part: 'new', name: 'chance', kind: 'control', auc }] }).parts).toEqual([]);
});
