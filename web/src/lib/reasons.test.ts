import { describe, expect, test } from 'vitest';
import english from '../i18n/en.json';
import { fill, type Message } from '../i18n/messages';
import spanish from '../i18n/es.json';
import { reasonIn, type Tongue } from './reasons';

function tongue(language: string, messages: Record<string, Message>): Tongue {
  return { language, t: (key, values = {}) => fill(messages[key] ?? '', values, language) };
}
const EN = tongue('en', english);
const ES = tongue('es', spanish);

const REASONS = [
  'timbre',
  'tags: jazz, guitar',
  'both classical (91 %)',
  'sounds like Ana - Song (played 3 times) and Bo - Two and Three (liked)',
  'sounds like what you play',
  'listeners of Ana - Song (played once) also play it',
  'liked, played 12 times, last in March 2025',
  'played once',
  'something of a newer server',
];

describe('reasons', () => {
  test.each(REASONS)('in English stay as they are: %s', (reason) => {
    expect(reasonIn(EN, reason)).toBe(reason);
  });

  test.each(REASONS.slice(0, -1))('have Spanish words: %s', (reason) => {
    const told = reasonIn(ES, reason);
    if (!['timbre'].includes(reason)) expect(told).not.toBe(reason);
    expect(told).not.toMatch(/played|liked|sounds|last in|times/);
  });

  test('what has no known form stays', () => {
    expect(reasonIn(ES, 'something of a newer server')).toBe('something of a newer server');
    expect(reasonIn(ES, 'last in Nowhere 2025')).toBe('last in Nowhere 2025');
  });

  test('names are kept', () => {
    expect(reasonIn(ES, 'sounds like Ana - Song (played 3 times) and Bo - Two and Three (liked)')).toContain(
      'Bo - Two and Three',
    );
  });
});
