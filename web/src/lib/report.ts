// A report of `segue evaluate history` as a table: parts, rows, figures with intervals. No browser.

export interface Figure {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface ReportRow {
  name: string;
  /** control, default or option. */
  kind: string;
  verdict: string;
  figures: Readonly<Record<string, Figure>>;
}

export interface ReportPart {
  name: string;
  /** The names of the figures, in the order of the report. */
  figures: string[];
  rows: ReportRow[];
}

export interface Report {
  parts: ReportPart[];
  /** Plain numbers about the whole: plays, tracks. */
  facts: [name: string, value: number][];
}

/** What can be shown of a report; rows that are not as they should be are left out. */
export function readReport(report: Readonly<Record<string, unknown>>): Report {
  const parts = new Map<string, ReportPart>();
  for (const row of Array.isArray(report.rows) ? (report.rows as unknown[]) : []) {
    if (typeof row !== 'object' || row === null) continue;
    const { part, name, kind, verdict, ...rest } = row as Record<string, unknown>;
    if (typeof name !== 'string') continue;
    const figures = Object.fromEntries(
      Object.entries(rest).flatMap(([key, value]) => (isFigure(value) ? [[key, value]] : [])),
    );
    const of = text(part);
    const there = parts.get(of) ?? { name: of, figures: [], rows: [] };
    for (const key of Object.keys(figures)) if (!there.figures.includes(key)) there.figures.push(key);
    there.rows.push({ name, kind: text(kind), verdict: text(verdict), figures });
    parts.set(of, there);
  }
  for (const part of parts.values()) {
    const isEmpty = part.rows.every((row) => Object.values(row.figures).every(({ value }) => value === null));
    if (isEmpty) parts.delete(part.name); // Nothing was to be found.
  }
  const facts = Object.entries(report).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' && name !== 'format' && name !== 'seed' ? [[name, value]] : [],
  );
  return { parts: [...parts.values()], facts };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isFigure(value: unknown): value is Figure {
  return typeof value === 'object' && value !== null && 'value' in value;
}
